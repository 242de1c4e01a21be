//! A small web app whose visitors sign in with their own web address: all an app has to do to work with IndieAuth.
//!
//! Names in quotation marks are sections of the [IndieAuth standard](https://indieauth.spec.indieweb.org/) of 11 July 2024.
//! 1. The home page is the registration: `page.html` ("Client Information Discovery").
//! 2. From the address somebody types to the server that speaks for it: `discovery.rs` ("Discovery by Clients").
//! 3. Off to that server with `state` and PKCE, back with a code: `sign_in.rs` ("Authorization Request" and "Response").
//! 4. The code becomes a token, or only an address: `sign_in.rs` ("Redeeming the Authorization Code").
//! 5. Does the address agree with the server? `sign_in.rs` ("Authorization Server Confirmation").
//! 6. Using, renewing and revoking the token: `account.rs` ("User Information", "Refresh Tokens", "Token Revocation").
//!
//! `cargo run --example client`, then open <http://localhost:4000/>.

#![expect(unreachable_pub, reason = "plain `pub` is easier to copy into an app of one's own")]

mod account;
mod discovery;
mod http;
mod page;
mod session;
mod sign_in;

use std::io::Write;

use actix_web::{App as Actix, HttpResponse, HttpServer, middleware::DefaultHeaders, web};
use anyhow::Context;
use clap::Parser;
use url::Url;

/// An example app that signs people in with IndieAuth.
#[derive(Parser)]
struct Args {
    /// Where to listen.
    #[arg(long, value_name = "HOST:PORT", default_value = "localhost:4000")]
    listen: String,
    /// The address that browsers and authorization servers use [default: http:// and the listening address].
    #[arg(long)]
    public_url: Option<Url>,
}

/// What every handler shares.
struct App {
    client_id: Url,
    redirect_uri: Url,
    http: reqwest::Client,
    sessions: session::Sessions,
}

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let public_url = args
        .public_url
        .map_or_else(|| Url::parse(&format!("http://{}", args.listen)), Ok)?;
    let app = web::Data::new(App {
        client_id: public_url
            .join("/")
            .context("--public-url must be an http or https address")?,
        redirect_uri: public_url.join("/callback")?,
        http: http::client()?,
        sessions: session::sessions(),
    });
    let client_id = app.client_id.clone();
    let server = HttpServer::new(move || Actix::new().app_data(app.clone()).wrap(headers()).configure(routes));
    let server = server
        .bind(&args.listen)
        .with_context(|| format!("cannot listen on {}", args.listen))?;
    writeln!(std::io::stdout(), "The example app listens on {client_id}")?;
    std::io::stdout().flush()?;
    Ok(server.run().await?)
}

fn routes(config: &mut web::ServiceConfig) {
    let style = || async {
        HttpResponse::Ok()
            .content_type("text/css")
            .body(include_str!("style.css"))
    };
    let logo = || async {
        HttpResponse::Ok()
            .content_type("image/png")
            .body(&include_bytes!("logo.png")[..])
    };
    config
        .route("/", web::get().to(account::home))
        .route("/sign-in", web::post().to(sign_in::start))
        .route("/callback", web::get().to(sign_in::callback))
        .route("/userinfo", web::post().to(account::userinfo))
        .route("/refresh", web::post().to(account::refresh))
        .route("/revoke", web::post().to(account::revoke))
        .route("/sign-out", web::post().to(account::sign_out))
        .route("/style.css", web::get().to(style))
        .route("/logo.png", web::get().to(logo));
}

/// No page is kept, framed or able to run a script, and no address (the callback's holds a code) leaks to another site.
fn headers() -> DefaultHeaders {
    let policy = "default-src 'none'; img-src 'self'; style-src 'self'; frame-ancestors 'none'";
    DefaultHeaders::new()
        .add(("Cache-Control", "no-store"))
        .add(("Content-Security-Policy", policy))
        .add(("Referrer-Policy", "no-referrer"))
        .add(("X-Content-Type-Options", "nosniff"))
}
