//! The pages. Tera escapes every value, so nothing that a person or a server sent becomes markup.

use actix_web::http::{StatusCode, header::LOCATION};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use serde_json::{Value, json};
use tera::{Context, Tera};

use crate::http::OAuthError;

/// Something went wrong; the message is for the person in front of the browser.
#[derive(Debug, thiserror::Error)]
#[error("{0:#}")]
pub struct Problem(#[from] anyhow::Error);

impl ResponseError for Problem {
    fn error_response(&self) -> HttpResponse {
        let problem = match self.0.downcast_ref::<OAuthError>() {
            Some(OAuthError {
                error,
                error_description,
            }) => {
                json!({ "message": self.0.to_string(), "error": error, "error_description": error_description })
            }
            None => json!({ "message": self.to_string(), "error": null }),
        };
        render(StatusCode::BAD_REQUEST, &json!({ "problem": problem, "account": null }))
    }
}

pub fn render(status: StatusCode, values: &Value) -> HttpResponse {
    let context = Context::from_serialize(values);
    match context.and_then(|context| Tera::one_off(include_str!("page.html"), &context, true)) {
        Ok(html) => HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .body(html),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

/// After a form: go there with GET.
pub fn see_other(location: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::SeeOther();
    response.insert_header((LOCATION, location));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_sends_never_becomes_markup() {
        let error = OAuthError {
            error: "<b>".to_owned(),
            error_description: Some("<script>".to_owned()),
        };
        let problem = Problem(error.into());
        let response = problem.error_response();
        let body = actix_web::body::MessageBody::try_into_bytes(response.into_body()).unwrap();
        let html = String::from_utf8_lossy(&body);
        assert!(html.contains("&lt;b&gt;") && html.contains("&lt;script&gt;"));
        assert!(!html.contains("<script") && !html.contains("<b>"));
    }
}
