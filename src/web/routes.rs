//! The route table: path, limit, method, handler. The sign-in form counts its tries itself, to come back with what
//! waits in it.
//!
//! Two promises hold for all of it, and tests watch them: an anonymous authorization request writes no row and makes
//! no outbound call; no response redirects to an address that the redirect URI check has not passed.

use actix_web::dev::HttpServiceFactory;
use actix_web::guard::fn_guard;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, ServiceConfig, resource};
use actix_web::{Handler, HttpResponse, Resource};

use super::error::{not_found, only, only_json};
use super::paths::{
    ACCOUNT, ACTIVITY, ADD_ADDRESS, ADDRESSES, APPS, CODE, CONFIRM, EMAIL, LANGUAGE, PASSKEYS, PASSWORD, PROFILE,
    SECOND_STEP, SECOND_STEP_SET_UP, SESSIONS, SET_UP, SIGN_IN, SIGN_UP,
};
use super::rate_limit::{Limit, limit_json, limit_page};
use super::{
    Web, account, admin, answered, api_doc, apps, authorize, consent, dialects, headers, health, home, introspect,
    language, logo, metadata, nodeinfo, passkeys, password_link, photo, profile, register, revoke, second_step, setup,
    sign_in, sign_up, static_files, token, userinfo,
};
use crate::accounts::invitations::INVITATION;
use crate::oauth::metadata::{
    ANSWERED, API_DOC, API_DOC_JSON, AUTHORIZATION_ENDPOINT, INTROSPECTION_ENDPOINT, METADATA, METADATA_ALIAS,
    NODEINFO, NODEINFO_DISCOVERY, PHOTO, REVOCATION_ENDPOINT, TOKEN_ENDPOINT, USERINFO_ENDPOINT,
};
use crate::operators::ways_in::PASSWORD_LINK;

/// Adds every route.
pub fn configure(app: &mut ServiceConfig) {
    protocol(app);
    dialects::mastodon::routes(app);
    descriptions(app);
    pages(app);
    own_pages(app);
    admin::routes(app);
    own_addresses(app);
    passkeys::routes(app);
    register::routes(app);
    dialects::gancio::routes(app);
    dialects::misskey::routes(app);
    dialects::foundkey::routes(app);
    dialects::miauth::routes(app);
    dialects::mastodon::unknown(app);
    dialects::misskey::unknown(app);
    app.default_service(web::to(not_found));
}

/// What apps and resource servers call.
fn protocol(app: &mut ServiceConfig) {
    app.service(
        resource(AUTHORIZATION_ENDPOINT)
            .route(web::get().to(authorize::start).wrap(limit_page(Limit::Authorize)))
            .route(web::post().to(authorize::redeem).wrap(limit_json(Limit::Authorize)))
            .default_service(only("GET, POST")),
    )
    .service(
        resource(TOKEN_ENDPOINT)
            .wrap(limit_json(Limit::Token))
            .wrap(from_fn(|request, next| {
                headers::cors("GET, POST, OPTIONS", request, next)
            }))
            .route(web::post().to(token::exchange))
            .route(web::get().to(token::check))
            .default_service(only_json("GET, POST, OPTIONS")),
    )
    .service(
        resource(REVOCATION_ENDPOINT)
            .wrap(limit_json(Limit::Token))
            .wrap(from_fn(|request, next| headers::cors("POST, OPTIONS", request, next)))
            .route(web::post().to(revoke::revoke))
            .default_service(only_json("POST, OPTIONS")),
    )
    .service(
        resource(USERINFO_ENDPOINT)
            .wrap(limit_json(Limit::Token))
            .wrap(from_fn(|request, next| {
                headers::cors("GET, POST, OPTIONS", request, next)
            }))
            .route(web::get().to(userinfo::show))
            .route(web::post().to(userinfo::show_to_post))
            .default_service(only_json("GET, POST, OPTIONS")),
    )
    .service(
        resource(INTROSPECTION_ENDPOINT)
            .route(web::post().to(introspect::introspect))
            .default_service(only_json("POST")),
    );
}

/// What this server says about itself to anybody's programs.
fn descriptions(app: &mut ServiceConfig) {
    let told = || fn_guard(nodeinfo::is_told);
    app.service(described(resource([METADATA, METADATA_ALIAS]), metadata::show))
        .service(described(resource(API_DOC_JSON), api_doc::show_json))
        .service(described(
            resource(NODEINFO_DISCOVERY).guard(told()),
            nodeinfo::discover,
        ))
        .service(described(resource(NODEINFO).guard(told()), nodeinfo::show));
}

fn described<H>(resource: Resource, show: H) -> impl HttpServiceFactory + 'static
where
    H: Handler<(Data<Web>,), Output = HttpResponse>,
{
    resource
        .wrap(from_fn(|request, next| {
            headers::cors("GET, HEAD, OPTIONS", request, next)
        }))
        .route(web::get().to(show.clone()))
        .route(web::head().to(show))
        .default_service(only_json("GET, HEAD, OPTIONS"))
}

/// What people see.
fn pages(app: &mut ServiceConfig) {
    app.service(
        resource(ANSWERED)
            .route(web::get().to(answered::show).wrap(limit_page(Limit::Authorize)))
            .default_service(only("GET")),
    )
    .service(
        resource(SIGN_IN)
            .route(web::get().to(sign_in::show))
            .route(web::post().to(sign_in::submit))
            .default_service(only("GET, POST")),
    )
    .service(
        resource(CODE)
            .route(web::get().to(second_step::show))
            .route(web::post().to(second_step::submit))
            .default_service(only("GET, POST")),
    )
    .service(
        resource("/sign-out")
            .route(web::post().to(sign_in::sign_out))
            .default_service(only("POST")),
    )
    .service(
        resource(SET_UP)
            .route(web::get().to(setup::show).wrap(limit_page(Limit::Authorize)))
            .route(web::post().to(setup::submit).wrap(limit_page(Limit::SignIn)))
            .default_service(only("GET, POST")),
    )
    .service(
        resource(PASSWORD_LINK)
            .route(web::get().to(password_link::show).wrap(limit_page(Limit::Authorize)))
            .route(web::post().to(password_link::submit).wrap(limit_page(Limit::SignIn)))
            .default_service(only("GET, POST")),
    )
    .service(
        resource(SIGN_UP)
            .wrap(limit_page(Limit::Authorize))
            .route(web::get().to(sign_up::show))
            .route(web::post().to(sign_up::submit))
            .default_service(only("GET, POST")),
    )
    .service(
        resource(INVITATION)
            .route(
                web::get()
                    .to(sign_up::show_invitation)
                    .wrap(limit_page(Limit::Authorize)),
            )
            .default_service(only("GET")),
    )
    .service(
        resource("/consent/{grant_id}")
            .route(web::get().to(consent::show))
            .route(web::post().to(consent::decide))
            .default_service(only("GET, POST")),
    )
    .service(
        resource("/@{username:[^/]*/?}")
            .route(web::get().to(profile::show))
            .route(web::head().to(profile::show))
            .default_service(only("GET, HEAD")),
    )
    .service(
        resource(API_DOC)
            .route(web::get().to(api_doc::show))
            .route(web::head().to(api_doc::show))
            .default_service(only("GET, HEAD")),
    )
    .service(
        resource("/")
            .route(web::get().to(home::show))
            .route(web::head().to(home::show))
            .default_service(only("GET, HEAD")),
    )
    .service(
        resource(LANGUAGE)
            .route(web::get().to(language::show))
            .route(web::post().to(language::choose))
            .default_service(only("GET, POST")),
    )
    .service(
        resource("/health")
            .route(web::get().to(health::show))
            .default_service(only_json("GET")),
    )
    .service(
        resource("/logo/{name}")
            .route(web::get().to(logo::show))
            .route(web::head().to(logo::show))
            .default_service(only("GET, HEAD")),
    )
    .service(
        resource(format!("{PHOTO}/{{name}}"))
            .route(web::get().to(photo::show))
            .route(web::head().to(photo::show))
            .default_service(only("GET, HEAD")),
    )
    .service(
        resource("/static/{name}")
            .route(web::get().to(static_files::show))
            .route(web::head().to(static_files::show))
            .default_service(only("GET, HEAD")),
    );
}

/// What a person sees of their own account.
fn own_pages(app: &mut ServiceConfig) {
    app.service(
        resource(APPS)
            .route(web::get().to(apps::show))
            .default_service(only("GET")),
    )
    .service(
        resource("/apps/revoke")
            .route(web::post().to(apps::revoke))
            .default_service(only("POST")),
    )
    .service(
        resource("/apps/revoke-all")
            .route(web::get().to(apps::ask_all))
            .route(web::post().to(apps::revoke_all))
            .default_service(only("GET, POST")),
    )
    .service(
        resource(ACCOUNT)
            .route(web::get().to(account::show))
            .default_service(only("GET")),
    )
    .service(
        resource(SESSIONS)
            .route(web::get().to(account::sessions::show))
            .default_service(only("GET")),
    )
    .service(
        resource("/account/sessions/end")
            .route(web::post().to(account::sessions::end))
            .default_service(only("POST")),
    )
    .service(
        resource("/account/sessions/end-others")
            .route(web::post().to(account::sessions::end_others))
            .default_service(only("POST")),
    )
    .service(
        resource("/account/sessions/end-all")
            .route(web::post().to(account::sessions::end_all))
            .default_service(only("POST")),
    )
    .service(
        resource(PASSWORD)
            .route(web::get().to(account::password::show))
            .route(web::post().to(account::password::change))
            .default_service(only("GET, POST")),
    )
    .service(
        resource(PROFILE)
            .route(web::get().to(account::profile::show))
            .route(web::post().to(account::profile::save))
            .default_service(only("GET, POST")),
    )
    .service(
        resource(EMAIL)
            .route(web::get().to(account::email::show))
            .route(web::post().to(account::email::save))
            .default_service(only("GET, POST")),
    )
    .service(
        resource(PASSKEYS)
            .route(web::get().to(account::passkeys::show))
            .default_service(only("GET")),
    )
    .service(
        resource("/account/passkeys/rename")
            .route(web::post().to(account::passkeys::rename))
            .default_service(only("POST")),
    )
    .service(
        resource("/account/passkeys/remove")
            .route(web::post().to(account::passkeys::remove))
            .default_service(only("POST")),
    )
    .service(
        resource(ACTIVITY)
            .route(web::get().to(account::activity::show))
            .default_service(only("GET")),
    )
    .service(
        resource(CONFIRM)
            .route(web::get().to(account::confirm::show))
            .route(web::post().to(account::confirm::submit))
            .default_service(only("GET, POST")),
    )
    .service(
        resource(SECOND_STEP)
            .route(web::get().to(account::second_step::show))
            .default_service(only("GET")),
    )
    .service(
        resource(SECOND_STEP_SET_UP)
            .route(web::get().to(account::second_step::set_up))
            .route(web::post().to(account::second_step::turn_on))
            .default_service(only("GET, POST")),
    )
    .service(
        resource("/account/second-step/passkeys")
            .route(web::post().to(account::second_step::turn_on_with_passkeys))
            .default_service(only("POST")),
    )
    .service(
        resource("/account/second-step/recovery-codes")
            .route(web::post().to(account::second_step::recovery_codes))
            .default_service(only("POST")),
    )
    .service(
        resource("/account/second-step/turn-off")
            .route(web::post().to(account::second_step::turn_off))
            .default_service(only("POST")),
    );
}

/// Addresses of a person's own.
fn own_addresses(app: &mut ServiceConfig) {
    app.service(
        resource(ADDRESSES)
            .route(web::get().to(account::addresses::show))
            .default_service(only("GET")),
    )
    .service(
        resource(ADD_ADDRESS)
            .route(web::get().to(account::addresses::form))
            .route(web::post().to(account::addresses::add))
            .default_service(only("GET, POST")),
    )
    .service(
        resource("/account/addresses/check")
            .route(web::post().to(account::addresses::check))
            .default_service(only("POST")),
    )
    .service(
        resource("/account/addresses/remove")
            .route(web::post().to(account::addresses::remove))
            .default_service(only("POST")),
    );
}
