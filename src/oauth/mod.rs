//! The pure core: values and rules of the protocol. It knows no HTTP framework, no database, no network, no clock and no
//! `async`; it turns parameters into values or into a [`error::ProtocolError`].
//!
//! # Which rule lives where
//!
//! The numbers are ours: R for IndieAuth (Living Standard of 11 July 2024), in the order of its sections; D for
//! draft-ietf-oauth-client-id-metadata-document-01. Only what concerns a server has a row. Status: *done*; *stricter* on
//! purpose; *deviation*, with its reason.
//!
//! | rule | what | where | proof | status |
//! |---|---|---|---|---|
//! | R1, R2 | the issuer is a host root without query or fragment, and a prefix of the metadata address | `src/oauth/policy.rs` | `test:an_issuer_is_a_host_root_without_a_slash` `test:t27_server_metadata` | stricter: no path at all |
//! | R3, R4 | form of a profile URL | `src/oauth/profile.rs` | `test:the_specifications_own_examples` | deviation: addresses of this machine carry a port in development |
//! | R5, R6 | form of a client identifier | `src/oauth/client_id.rs` | `test:each_rule_of_form_refuses_on_the_raw_text` `test:client_urls_that_follow_the_rules_are_accepted` | stricter: plain `http` on loopback only |
//! | R7, R8, R9 | a missing path is `/`, the host has no case | `src/oauth/client_id.rs` | `test:a_missing_path_is_a_slash_and_the_host_has_no_case` `test:a_client_id_without_a_path_is_the_one_with_a_slash` | done |
//! | R11, R12, R13, R14 | profile pages lead here, by header and by element, to HEAD as to GET | `src/web/profile.rs` | `test:a_profile_page_leads_to_this_server` `test:head_says_what_get_says` | done |
//! | R15, R16 | metadata document at the address of RFC 8414 | `src/oauth/metadata.rs` | `test:t27_server_metadata` | done |
//! | R18, R31, R82 | the client page is fetched | `src/discovery/mod.rs` | `test:t36_a_json_document_is_read` | done |
//! | R19, R20 | loopback and internal addresses are not fetched | `src/discovery/address.rs` | `test:in_production_only_public_addresses_on_443_pass` `test:loopback_clients_are_taken_unfetched_outside_development` | done |
//! | R21, R22 | copies are kept as the answer's headers say, within bounds | `src/discovery/cache.rs` | `test:copies_are_kept_as_long_as_the_answer_says` | done |
//! | R23 | the document names the address it came from | `src/discovery/document.rs` | `test:the_client_id_inside_must_be_the_address_itself` | done |
//! | R24, R25, R26 | home page shown where the client id proves it, else a warning | `src/discovery/document.rs` | `test:a_home_page_is_shown_where_the_client_id_proves_it` | deviation: a foreign one is hidden and said so, where SPEC shows it and Misskey refuses |
//! | R27 | unknown members are ignored | `src/discovery/document.rs` | `test:unknown_members_are_left_alone` | done |
//! | R28 | where SPEC and the draft differ, the draft wins | `src/discovery/document.rs` | `test:redirect_uris_of_the_wrong_shape_are_refused` | done |
//! | R29 | `h-app` | `src/discovery/html.rs` | `test:the_right_h_app_speaks` `test:what_an_h_app_names_as_its_logo_is_shown_too` | done: name and logo |
//! | R30 | `rel=redirect_uri` in page and header | `src/discovery/html.rs` | `test:header_and_page_are_merged` | done |
//! | R32 | `me` is a hint only | `src/oauth/grant.rs` | `test:what_an_app_asks_for_is_only_a_hint` | done: it is chosen at first, if it is the person's |
//! | R33, R34, R83 | the prompt says who asks, with the full client id, and for what | `src/pages/consent.rs` | `test:the_addresses_are_shown_in_full` | done |
//! | R35, R36, R37, R39, R84 | a redirect URI is compared with the published list, as text | `src/oauth/client.rs` | `test:once_a_list_is_published_only_the_list_counts` `test:comparison_is_of_strings_but_for_the_port_of_a_loopback_uri` | done |
//! | R38 | the client's own origin passes while no list is published | `src/oauth/client.rs` | `test:without_a_list_the_clients_own_origin_passes_and_nothing_else` | stricter: a JSON document must list (D16) |
//! | R40, R41 | PKCE with S256 is required | `src/oauth/authorize.rs` | `test:t03_pkce_with_s256_is_required` `test:a_client_without_pkce_needs_an_entry_that_has_not_lapsed` | stricter: only clients the operator lists, until a day, may come without |
//! | R42, R43 | the verifier fits the challenge; none where there was none | `src/oauth/redemption.rs` | `test:a_failed_proof_by_the_right_client_burns_the_code` `test:a_verifier_without_a_challenge_is_a_downgrade` | done |
//! | R44, R46, R47 | `code`, `state`, `iss` are added to the query that is there | `src/oauth/return_address.rs` | `test:state_comes_back_as_received_and_adds_no_parameter` `test:the_query_of_a_redirect_uri_is_kept` | done |
//! | R45 | a code lapses soon and works once; a second use revokes what the first gave | `src/flows/exchange.rs` | `test:a_code_used_twice_is_refused_and_its_token_revoked` `test:a_code_lapses_after_five_minutes` | done |
//! | R49 | errors carry `iss` as well | `src/oauth/return_address.rs` | `test:every_answer_names_the_issuer_and_is_a_303` | done |
//! | R50 | a code is redeemed at two endpoints | `src/web/authorize.rs` `src/web/token.rs` | `test:t14_empty_scope_is_redeemed_at_the_authorization_endpoint` | done |
//! | R51, R52 | client, redirect URI and proof of a redemption | `src/oauth/redemption.rs` | `test:a_code_is_judged_by_its_owner_then_its_address_then_its_proof` | done |
//! | R53 | profile URL response | `src/flows/exchange.rs` | `test:a_code_with_scopes_gives_the_profile_and_no_token_at_the_authorization_endpoint` | done |
//! | R54 | no token without scope | `src/flows/exchange.rs` | `test:a_code_without_scope_gives_no_token_and_still_gives_the_identity` | done: `invalid_grant`, and the code is not burnt |
//! | R55, R61 | profile URL confirmation: the address that is returned leads back here | `src/web/profile.rs` `src/discovery/proof.rs` | `test:a_token_names_an_address_that_leads_to_the_metadata_of_its_issuer` `test:a_page_proves_an_address_when_it_names_the_person` | done; a person is warned whose own page names them and leads apps elsewhere |
//! | R56 | errors of RFC 6749 §5.2 | `src/web/error/json.rs` | `test:grants_that_url_clients_cannot_have_are_refused` | done |
//! | R57, R59 | profile information: `profile` | `src/oauth/person.rs` | `test:each_scope_tells_its_members_and_email_only_beside_profile` `test:the_consent_page_shows_what_is_given_and_no_more` | done; `email_verified` beside `email` |
//! | R58 | profile information: `email` only beside `profile` | `src/oauth/scope.rs` `src/oauth/person.rs` | `test:email_is_dropped_without_profile` `test:each_scope_tells_its_members_and_email_only_beside_profile` | done: dropped |
//! | R62, R63, R64 | refresh tokens, rotated | `src/flows/refresh.rs` | `test:a_refresh_gives_another_pair_that_works` | done |
//! | R65 | a new refresh token has the same scope | `src/flows/refresh.rs` | `test:a_narrower_scope_is_for_the_access_token_only` | done |
//! | R66 | unused refresh tokens lapse | `src/flows/refresh.rs` | `test:a_refresh_token_lapses_after_90_idle_days` | done |
//! | R67 | security events end them | `src/accounts/users.rs` | `test:a_password_change_ends_an_app_that_refreshes` | done |
//! | R68, R69 | introspection | `src/web/introspect.rs` | `test:an_active_token_says_whose_it_is_for_what_and_until_when` | done |
//! | R70 | only for resource servers | `src/flows/introspect.rs` | `test:without_credentials_nothing_is_told` | done |
//! | R71, R74 | members of an active token | `src/oauth/token.rs` | `test:an_active_token_says_whose_it_is_for_what_and_until_when` | done |
//! | R72, R73 | an inactive token is only that | `src/oauth/token.rs` | `test:an_unknown_token_is_inactive_and_no_more` | done |
//! | R75, R76 | revocation without authentication, 200 in any case | `src/flows/revoke.rs` | `test:an_unknown_token_counts_as_revoked` | done |
//! | R77 | the older form at the token endpoint | `src/web/token.rs` | `test:the_older_revocation_ends_a_token` | done |
//! | R78, R79, R81 | bearer errors | `src/web/bearer.rs` | `test:no_token_is_answered_without_code_or_detail` `test:a_token_without_the_profile_scope_is_told_which_one_it_needs` | done |
//! | R80 | userinfo | `src/web/userinfo.rs` | `test:a_token_with_the_profile_scope_gets_the_profile` | done; `sub` beside it |
//! | R85 | a client with keys may be confidential | `src/discovery/document.rs` | `test:shared_secrets_are_refused` | deviation: `private_key_jwt` is not supported, so such a client is refused rather than taken as public |
//! | RFC 7662 §2.2, OpenID Connect Core §5.3.2 | `sub` | `src/oauth/token.rs` `src/web/dialects/mod.rs` | `test:sub_is_the_same_for_every_app_and_whatever_else_changes` | done: the id of the account; deviation: an address for apps that expect one, `test:mastodons_apps_get_claims_with_the_picture_and_a_sub_that_is_an_address` |
//! | D1 | `https` | `src/oauth/client_id.rs` | `test:plain_http_needs_a_loopback_host_and_leave` | done |
//! | D2, D4, D5, D6 | path, query, port, length | `src/oauth/client_id.rs` | `test:client_urls_that_follow_the_rules_are_accepted` | done: `/` alone and a query are accepted |
//! | D3 | no dot segments, fragment, userinfo | `src/oauth/client_id.rs` | `test:each_rule_of_form_refuses_on_the_raw_text` | done |
//! | D7, D15 | fetched; a failure ends the request | `src/flows/authorize.rs` | `test:answers_that_describe_no_client_are_refused_with_their_step` | done |
//! | D8 | only 200 | `src/discovery/answer.rs` | `test:every_status_but_200_is_refused` | done |
//! | D9 | no redirects | `src/discovery/fetch.rs` | `test:redirects_are_refused_and_not_followed` | done: for HTML pages as well |
//! | D10 | `client_id` by simple string comparison | `src/discovery/document.rs` | `test:the_client_id_inside_must_be_the_address_itself` | deviation: R7 and R8 hold for it as well, a missing path and the case of the host do not count |
//! | D11 | `application/*+json` | `src/discovery/answer.rs` | `test:good_answers_come_back_whole` | done |
//! | D12, D13 | no shared secrets | `src/discovery/document.rs` | `test:shared_secrets_are_refused` | stricter: any method but `none` is refused |
//! | D14 | other members | `src/discovery/document.rs` | `test:unknown_members_are_left_alone` | done |
//! | D16 | exact redirect URIs | `src/oauth/redirect_uri.rs` | `test:comparison_is_of_strings_but_for_the_port_of_a_loopback_uri` | done: RFC 8252 §7.3 excepted |
//! | D17 | support is published | `src/oauth/metadata.rs` | `test:t27_server_metadata` | done |
//! | D18 | no special-use addresses, but for a server on loopback | `src/discovery/special_use.rs` | `test:every_row_begins_and_ends_where_it_should` | done |
//! | D19, D28 | what a document names is fetched under the same rules; a logo is fetched ahead and shown from here | `src/discovery/logo.rs` `src/picture.rs` | `test:a_logo_is_shown_from_our_own_origin_and_drawn_anew` `test:of_all_that_a_client_names_only_the_logo_is_fetched_and_by_nobody_else` | stricter: nothing but the logo is fetched |
//! | D20 | size | `src/discovery/answer.rs` | `test:large_answers_are_refused_by_their_word_and_by_count` | done: 5 KiB, a setting |
//! | D21 | only `http` and `https` | `src/oauth/client_id.rs` | `test:each_rule_of_form_refuses_on_the_raw_text` | done |
//! | D22, D23 | caching | `src/discovery/freshness.rs` | `test:copies_are_kept_as_long_as_the_answer_says` `test:what_must_not_be_stored_is_fetched_each_time` | done |
//! | D24 | errors are never the copy | `src/discovery/mod.rs` | `test:a_refusal_is_remembered_for_half_a_minute_and_is_never_a_copy` | done |
//! | D25 | a changed client is asked about again | `src/flows/authorize.rs` | `test:an_app_that_changed_its_name_is_asked_about_again` `test:a_change_since_the_last_yes_is_told_with_what_was_before` | done |
//! | D26, D27 | the prompt shows the host | `src/pages/consent.rs` | `test:the_headline_is_the_host_and_not_the_name` | done |
//! | D29 | own trust policy | `src/oauth/host_rule.rs` `src/flows/hosts.rs` | `test:a_host_that_is_vouched_for_is_no_news` `test:blocking_a_host_ends_what_its_apps_have_and_lets_none_ask` | done: the operator's word per host; none by default |
//! | D30 | ids that look like addresses are addresses | `src/oauth/client_id.rs` | `test:the_shape_of_an_id_decides_its_dialect` | done |
//! | D31 | pre-registration | `src/cli/client.rs` | `test:an_ordinary_program_signs_people_in_without_pkce_and_with_openid_in_its_scope` | done |
//! | RFC 7591 §2, §3.2.1 | what is registered of client metadata | `src/oauth/registration/metadata.rs` | `test:everything_that_is_registered_is_told` | done: what does not exist here is left out, and the answer says so |
//! | RFC 7591 §3 | initial access token | `src/web/register.rs` | `test:an_initial_access_token_lets_its_holder_register_and_nobody_else` | done |
//! | RFC 7591 §3.2.2 | refusals | `src/oauth/registration/metadata.rs` | `test:what_cannot_be_registered_is_refused_by_its_name` | done |
//! | RFC 7592 §2 | read, replace, remove | `src/flows/manage.rs` | `test:put_replaces_everything_and_keeps_id_and_secret` `test:delete_ends_the_client_and_everything_that_was_given_to_it` | deviation: the secret is kept as a digest, so it is not told again; a client that several share is nobody's to manage |
//!
//! RFC 6749 §3.1 (repeated and empty parameters) is in [`params`], §4.1.2.1 and §5.2 (codes) in [`error`], §3.3 in [`scope`];
//! RFC 7636 in [`pkce`]; RFC 9207 in [`return_address`]; RFC 8414 in [`metadata`]; the lifetimes in [`policy`]; what the
//! server stands in for in [`instance`]; secrets and their digests in [`secret`].

pub mod authorize;
pub mod change;
pub mod client;
pub mod client_id;
pub mod dialect;
pub mod error;
pub mod grant;
pub mod host_rule;
pub mod instance;
pub mod metadata;
pub mod params;
pub mod person;
pub mod pkce;
pub mod policy;
pub mod profile;
pub mod redemption;
pub mod redirect_uri;
pub mod registration;
pub mod return_address;
pub mod scope;
pub mod secret;
pub mod token;
mod uri;
