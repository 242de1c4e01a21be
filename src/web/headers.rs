//! Headers that every answer has, and CORS for the endpoints that scripts of other sites call.
//!
//! `form-action` is left out where a form's answer may lead to a client: Chromium applies it to every redirect that
//! follows, so it would also have to list wherever the client's own callback page forwards to. There is no markup from
//! outside on those pages that could add a form.

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use super::Web;

const CSP_WITHOUT_FORM_ACTION: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";
const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
                   form-action 'self'";

/// The policy of a page whose form may lead to a client.
pub(super) fn leads_to_client(response: &mut HttpResponse) {
    let policy = HeaderValue::from_static(CSP_WITHOUT_FORM_ACTION);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
}

/// Lets a page run the script that asks for passkeys, and the script call this server. Everything else stays as it is.
pub(super) fn runs_script(response: &mut HttpResponse) {
    let headers = response.headers_mut();
    let policy = headers.get(header::CONTENT_SECURITY_POLICY);
    let policy = policy.and_then(|policy| policy.to_str().ok()).unwrap_or(CSP);
    let more = format!("{policy}; script-src 'self'; connect-src 'self'");
    if let Ok(policy) = HeaderValue::from_str(&more) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Adds what every answer has, unless the handler chose otherwise.
pub async fn security(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let https = request
        .app_data::<web::Data<Web>>()
        .is_some_and(|web| web.policy().issuer.is_https());
    let mut response = next.call(request).await?.map_into_boxed_body();
    let headers = response.headers_mut();
    let mut default = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    default(header::CACHE_CONTROL, "no-store");
    default(header::CONTENT_SECURITY_POLICY, CSP);
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::X_FRAME_OPTIONS, "DENY");
    default(header::REFERRER_POLICY, "no-referrer");
    default(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    default(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=()",
    );
    if https {
        default(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    Ok(response)
}

/// Cross-origin access for a resource, never with credentials: its answers depend on what is in the request alone.
/// Preflight requests are answered here.
pub(super) async fn cors(
    methods: &'static str,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let asked = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let mut response = if request.method() == Method::OPTIONS {
        let preflight = HttpResponse::NoContent()
            .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, methods))
            .insert_header((
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                asked.unwrap_or(HeaderValue::from_static("Authorization, Content-Type")),
            ))
            .insert_header((header::ACCESS_CONTROL_MAX_AGE, "86400"))
            .insert_header((header::VARY, "Access-Control-Request-Headers"))
            .finish();
        request.into_response(preflight)
    } else {
        next.call(request).await?
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let exposed = HeaderValue::from_static("WWW-Authenticate, Retry-After");
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    Ok(response)
}
