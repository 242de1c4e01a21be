//! One request in the three encodings that clients send.

use reqwest::header;
use serde_json::{Map, Value};

use super::actors::{Answer, encode};
use super::api::FORM;
use super::app::TestApp;

/// How the fields of a body are written.
#[derive(Debug, Clone, Copy)]
pub enum Encoding {
    Form,
    Multipart,
    Json,
}

/// All of them, for tables.
pub const ENCODINGS: [Encoding; 3] = [Encoding::Form, Encoding::Multipart, Encoding::Json];

impl Encoding {
    /// POST of these fields, with this `Authorization` header unless it is empty.
    pub async fn post(
        self,
        app: &TestApp,
        path: &str,
        authorization: &str,
        fields: &[(&'static str, String)],
    ) -> Answer {
        let (content_type, body) = self.body(fields);
        let request = app.http.post(format!("{}{path}", app.base));
        let request = request.header(header::CONTENT_TYPE, content_type).body(body);
        Answer::to(match authorization {
            "" => request,
            value => request.header(header::AUTHORIZATION, value),
        })
        .await
    }

    /// The media type and the body.
    pub fn body(self, fields: &[(&'static str, String)]) -> (&'static str, String) {
        match self {
            Encoding::Form => (FORM, encode(fields)),
            Encoding::Multipart => ("multipart/form-data; boundary=----fields", multipart(fields)),
            Encoding::Json => {
                let members = fields
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), value.as_str().into()));
                (
                    "application/json",
                    Value::Object(members.collect::<Map<_, _>>()).to_string(),
                )
            }
        }
    }
}

fn multipart(fields: &[(&'static str, String)]) -> String {
    let part = |(name, value): &(&str, String)| {
        format!("------fields\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    fields.iter().map(part).collect::<String>() + "------fields--\r\n"
}
