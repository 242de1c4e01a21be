//! Vestibule: an authorization server that speaks IndieAuth and OAuth 2.0. An app may come with its own web address as
//! its id; what its page says is its registration.
//!
//! # The map of the house
//!
//! ```text
//! main → cli → startup → web → flows, accounts, operators → { storage → entity, discovery } → oauth
//!                                ↑──────────────────┘
//!                          └→ pages ─────────────────────────────────────────────┘
//!        config ─────────────────────────────────────────────────→ oauth        clock, password, picture, secret_key, telemetry: leaves
//!        failure → storage, password, oauth: the one error of flows, accounts and operators
//! ```
//!
//! Arrows only go down; `tests/it/layers.rs` keeps them so. `oauth` is pure: no HTTP, no database, no network, no clock,
//! no `async`.
//!
//! # One authorization request, in ten lines
//!
//! 1. `src/web/routes.rs` finds the handler, `src/web/rate_limit.rs` counts the address.
//! 2. `src/web/authorize.rs` reads the query into [`oauth::params::Params`] and asks who is signed in.
//! 3. [`flows::authorize`]: `identify` reads who asks and where the answer should go; errors are pages.
//! 4. Nobody is signed in: on to `src/web/sign_in.rs`, with the query in hand; nothing was written or fetched.
//! 5. [`discovery`] fetches and reads the client's page, once for everybody who asks at the same time.
//! 6. The redirect URI must be the client's; then a [`oauth::return_address::ReturnAddress`] exists, and errors travel.
//! 7. `validate` reads what is asked for; a Pending [`oauth::grant::Grant`] is stored; the consent page is shown.
//! 8. [`flows::consent`]: the person approves, the grant gets a code, the browser goes back to the client with it.
//! 9. [`flows::exchange`]: the client proves to be the one that asked, the code is spent, tokens are written.
//! 10. [`flows::introspect`]: a resource server asks whether a token holds.
//!
//! # Where to add
//!
//! - **an endpoint**: a row in `src/web/routes.rs`, a file beside it, a method of [`flows::Flows`] or
//!   [`accounts::Accounts`]; its path in [`oauth::metadata`] if clients must find it.
//! - **a page**: a view in `src/pages`, a template, its words in every file of `locales`.
//! - **a setting**: a field and its line in `src/config.rs`, a row in `README.md`; `src/startup.rs` hands the value on.
//! - **an operator's page**: what it does in [`operators`], a file in `src/web/admin`, its command in `src/cli`.
//! - **a language**: a file in `locales`, and its sentences in `scopes`.
//! - **a scope**: an entry in one of the files in `scopes`.
//! - **a table**: a step in `migration`, a model in `entity`, a file in `src/storage`, a row in the retention table of
//!   [`storage::purge`] if it can lapse.

pub mod accounts;
pub mod cli;
pub mod clock;
pub mod config;
pub mod discovery;
pub mod failure;
pub mod flows;
pub mod oauth;
pub mod operators;
pub mod pages;
pub mod password;
pub mod picture;
pub mod secret_key;
pub mod startup;
pub mod storage;
pub mod telemetry;
pub mod web;
