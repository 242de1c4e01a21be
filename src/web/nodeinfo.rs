//! NodeInfo 2.0 (<https://nodeinfo.diaspora.software>): which software this server stands in for. Client libraries pick
//! their dialect by it, so it is here only when the operator says so; otherwise both addresses are left to the instance
//! behind the same host.

use actix_web::HttpResponse;
use actix_web::guard::GuardContext;
use actix_web::http::header;
use actix_web::web::Data;
use serde_json::json;

use super::Web;
use crate::oauth::metadata::NODEINFO;

const SCHEMA: &str = "http://nodeinfo.diaspora.software/ns/schema/2.0";
const MEDIA_TYPE: &str = "application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/2.0#\"";

/// Whether there is anything to say. If not, the addresses are like any other that does not exist.
pub(super) fn is_told(request: &GuardContext<'_>) -> bool {
    request
        .app_data::<Data<Web>>()
        .is_some_and(|web| web.policy().instance.software.is_some())
}

/// GET and HEAD of the way to it.
pub(super) async fn discover(web: Data<Web>) -> HttpResponse {
    let href = format!("{}{NODEINFO}", web.policy().issuer);
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .json(json!({ "links": [{ "rel": SCHEMA, "href": href }] }))
}

/// GET and HEAD. What this server cannot know of the instance, its people and what it federates with, is left empty.
pub(super) async fn show(web: Data<Web>) -> HttpResponse {
    let software = web.policy().instance.software.as_ref();
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((header::CONTENT_TYPE, MEDIA_TYPE))
        .json(json!({
            "version": "2.0",
            "software": {
                "name": software.map(|software| &software.name),
                "version": software.map(|software| &software.version),
            },
            "protocols": [],
            "services": { "inbound": [], "outbound": [] },
            "openRegistrations": false,
            "usage": { "users": {} },
            "metadata": {},
        }))
}
