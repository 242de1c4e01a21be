//! The addresses of this server, written once, and the document that publishes them (RFC 8414 §2, RFC 9207 §3,
//! IndieAuth "IndieAuth Server Metadata").

use serde::Serialize;

use super::instance::DynamicRegistration;
use super::policy::Policy;

/// The authorization endpoint: GET asks the person, POST redeems a code for the profile URL only.
pub const AUTHORIZATION_ENDPOINT: &str = "/oauth/authorize";
/// The token endpoint.
pub const TOKEN_ENDPOINT: &str = "/oauth/token";
/// The introspection endpoint (RFC 7662).
pub const INTROSPECTION_ENDPOINT: &str = "/oauth/introspect";
/// The revocation endpoint (RFC 7009).
pub const REVOCATION_ENDPOINT: &str = "/oauth/revoke";
/// The registration endpoint (RFC 7591 §3); a registration is managed below it (RFC 7592 §2).
pub const REGISTRATION_ENDPOINT: &str = "/oauth/register";
/// The userinfo endpoint (IndieAuth "Profile Information").
pub const USERINFO_ENDPOINT: &str = "/oauth/userinfo";
/// Where an answer is shown that has no address to go to.
pub const ANSWERED: &str = "/oauth/authorize/native";
/// Where this document lives (RFC 8414 §3).
pub const METADATA: &str = "/.well-known/oauth-authorization-server";
/// Where FoundKey's and some generic clients look for the same document.
pub const METADATA_ALIAS: &str = "/.well-known/openid-configuration";
/// What apps can ask for, for people; the document's `service_documentation`.
pub const API_DOC: &str = "/api-doc";
/// The same for programs.
pub const API_DOC_JSON: &str = "/api-doc.json";
/// Where NodeInfo is looked for first.
pub const NODEINFO_DISCOVERY: &str = "/.well-known/nodeinfo";
/// The pictures of people are below this.
pub const PHOTO: &str = "/photo";
/// NodeInfo itself.
pub const NODEINFO: &str = "/nodeinfo/2.0";

/// The metadata document.
#[derive(Debug, Serialize)]
pub struct ServerMetadata<'a> {
    issuer: &'a str,
    authorization_endpoint: String,
    token_endpoint: String,
    introspection_endpoint: String,
    introspection_endpoint_auth_methods_supported: [&'static str; 3],
    revocation_endpoint: String,
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    userinfo_endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_registration_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_endpoint: Option<String>,
    scopes_supported: Vec<&'a str>,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: Vec<&'static str>,
    token_endpoint_auth_methods_supported: [&'static str; 3],
    code_challenge_methods_supported: [&'static str; 1],
    authorization_response_iss_parameter_supported: bool,
    client_id_metadata_document_supported: bool,
    service_documentation: String,
    ui_locales_supported: &'a [String],
}

impl<'a> ServerMetadata<'a> {
    /// The document of a server with this policy, whose pages exist in `ui_locales`.
    pub fn new(policy: &'a Policy, ui_locales: &'a [String]) -> ServerMetadata<'a> {
        let issuer = policy.issuer.as_str();
        let at = |path: &str| format!("{issuer}{path}");
        // Who needs a token to register was told the address with it.
        let open = matches!(policy.instance.registration.dynamic, DynamicRegistration::Open);
        ServerMetadata {
            issuer,
            authorization_endpoint: at(AUTHORIZATION_ENDPOINT),
            token_endpoint: at(TOKEN_ENDPOINT),
            introspection_endpoint: at(INTROSPECTION_ENDPOINT),
            introspection_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "Bearer"],
            revocation_endpoint: at(REVOCATION_ENDPOINT),
            revocation_endpoint_auth_methods_supported: AUTH_METHODS,
            userinfo_endpoint: at(USERINFO_ENDPOINT),
            app_registration_endpoint: policy.app_registration().map(at),
            registration_endpoint: open.then(|| at(REGISTRATION_ENDPOINT)),
            scopes_supported: policy.scopes.names().collect(),
            response_types_supported: ["code"],
            response_modes_supported: ["query"],
            grant_types_supported: grant_types(policy),
            token_endpoint_auth_methods_supported: AUTH_METHODS,
            code_challenge_methods_supported: ["S256"],
            authorization_response_iss_parameter_supported: true,
            client_id_metadata_document_supported: true,
            service_documentation: at(API_DOC),
            ui_locales_supported: ui_locales,
        }
    }
}

/// How clients authenticate (RFC 7591 §2); URL clients do not.
const AUTH_METHODS: [&str; 3] = ["none", "client_secret_basic", "client_secret_post"];

fn grant_types(policy: &Policy) -> Vec<&'static str> {
    let mut grant_types = vec!["authorization_code", "refresh_token"];
    if policy.gives_clients_tokens() {
        grant_types.push("client_credentials");
    }
    grant_types
}
