//! Forms with a file, as a browser sends them.

use reqwest::{Method, RequestBuilder};

use super::actors::{Answer, Form, Visitor};

const BOUNDARY: &str = "----a-boundary-of-ours";

/// The body of a form: its fields, then the file in the field with this name. Without a file the field is empty, as when
/// nothing was chosen.
pub fn multipart(form: &Form, field: &str, media_type: &str, file: &[u8]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, value) in form.fields.iter().filter(|(name, _)| name != field) {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(head.as_bytes());
    }
    let file_name = if file.is_empty() { "" } else { "../<b>me</b>.png" };
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{file_name}\"\r\n\
         Content-Type: {media_type}\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}

impl Visitor {
    /// The request that sends a form with a file.
    pub fn uploading(&self, form: &Form, media_type: &str, file: &[u8]) -> RequestBuilder {
        let (content_type, body) = multipart(form, "photo", media_type, file);
        let request = self.request(Method::POST, &form.action);
        request.header("content-type", content_type).body(body)
    }

    /// Sends a form with a file in its field `photo`.
    pub async fn upload(&self, form: &Form, media_type: &str, file: &[u8]) -> Answer {
        self.send(self.uploading(form, media_type, file)).await
    }
}
