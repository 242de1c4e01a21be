//! Making one's own account: the form for everybody, and the one behind an invitation. An app's request that led here travels
//! along as it does through the sign-in page.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::error::PageError;
use super::onwards::{onwards, query_only, with_query};
use super::params::{Form, from_query};
use super::paths::SIGN_UP;
use super::rate_limit::Limit;
use super::visit::Visit;
use super::{Web, browser, headers, language, second_step, sign_in};
use crate::accounts::invitations::INVITATION;
use crate::accounts::sessions::SignIn;
use crate::accounts::sign_up::{Door, DoorShut, NameRefused, SignUpError};
use crate::failure::FlowError;
use crate::oauth::profile::Username;
use crate::oauth::secret::{Digest, Secret, SessionKey};
use crate::pages::sign_up::{SignUpProblem, SignUpShut, SignUpShutView, SignUpView};
use crate::password::PasswordRefused;

/// What the form carries besides the password.
#[derive(Clone, Copy)]
struct Asked<'a> {
    /// Of the invitation; none: the form for everybody.
    token: Option<&'a str>,
    continue_query: &'a str,
    username: &'a str,
}

impl Asked<'_> {
    fn door(&self) -> Door {
        self.token
            .map_or(Door::Everybody, |token| Door::Invitation(Digest::of(token)))
    }

    /// The page that the form is on.
    fn page(&self) -> String {
        match self.token {
            Some(token) => with_query(INVITATION, &format!("token={}", query_only(token))),
            None => with_query(SIGN_UP, self.continue_query),
        }
    }
}

/// Why nobody got an account.
enum Refused {
    Shut(DoorShut),
    Problem(SignUpProblem),
    TooMany(Duration),
}

/// GET `/sign-up`: the form for everybody, or how one gets in.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let asked = Asked {
        token: None,
        continue_query: query_only(request.query_string()),
        username: "",
    };
    open(&web, &visit, asked).await
}

/// GET `/invitation`: the form behind a link. Looking at it uses nothing up: programs that read mail follow links (attack
/// case LG-09).
pub(super) async fn show_invitation(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let visit = Visit::of(&request, &web).await?;
    let params = from_query(&request)?;
    let asked = Asked {
        token: Some(params.get("token").unwrap_or_default()),
        continue_query: "",
        username: "",
    };
    open(&web, &visit, asked).await
}

/// POST `/sign-up`: name and password of a new person, who is signed in right away.
pub(super) async fn submit(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, PageError> {
    let mut visit = Visit::of(&request, &web).await?;
    let fields = Form::read(payload).await?;
    let asked = Asked {
        token: Some(fields.get("token")).filter(|token| !token.is_empty()),
        continue_query: query_only(fields.get("continue")),
        username: fields.get("username"),
    };
    visit.language = language::asked_in(asked.continue_query, &request, &web);
    visit.back = asked.page();
    if visit.owner.is_some() {
        return open(&web, &visit, asked).await;
    }
    let refused = match attempt(&request, &web, &visit, asked, &fields).await? {
        Ok(key) => return sign_in::begin(&web, &visit, &key, asked.continue_query).await,
        Err(refused) => refused,
    };
    // The second click of two: the first one made the account, and its answer never arrived.
    if refused.may_be_an_echo()
        && let Ok(signed_in) = sign_in::attempt(&request, &web, &visit, &fields).await?
    {
        return match signed_in {
            SignIn::Done(key) => sign_in::begin(&web, &visit, &key, asked.continue_query).await,
            SignIn::NeedsCode(key) => second_step::wait(&web, &key, asked.continue_query),
        };
    }
    match refused {
        Refused::Shut(why) => shut(&web, &visit, asked, refusal(why), why),
        Refused::Problem(problem) => form(&web, &visit, asked, Some(problem)),
        Refused::TooMany(wait) => too_many(&web, &visit, asked, wait),
    }
}

/// One try: what costs little is looked at first, then it is counted. So whoever looks for a name that is free is not
/// shut out, and whoever makes accounts by the dozen is.
async fn attempt(
    request: &HttpRequest,
    web: &Web,
    visit: &Visit,
    asked: Asked<'_>,
    fields: &Form,
) -> Result<Result<Secret<SessionKey>, Refused>, PageError> {
    if !visit.sent(fields, request, web) {
        return Ok(Err(Refused::Problem(SignUpProblem::FormExpired)));
    }
    let door = asked.door();
    let applicant = match web.accounts.apply(&door, asked.username, fields.get("password")).await {
        Ok(applicant) => applicant,
        Err(error) => {
            let refused = Refused::of(error)?;
            if let Refused::Shut(why) = refused {
                count_guess(web, visit, why)?;
            }
            return Ok(Err(refused));
        }
    };
    // An invitation is good for one account, and not for any number of passwords to hash.
    let limit = match door {
        Door::Everybody => Limit::SignUp,
        Door::Invitation(_) => Limit::Invited,
    };
    if let Err(wait) = web.limits.check(limit, visit.address) {
        return Ok(Err(Refused::TooMany(wait)));
    }
    let browser = browser::of(request, visit.address);
    match web.accounts.sign_up(&door, applicant, &browser).await {
        Ok(key) => Ok(Ok(key)),
        Err(error) => Ok(Err(Refused::of(error)?)),
    }
}

impl Refused {
    fn of(error: SignUpError) -> Result<Refused, PageError> {
        Ok(match error {
            SignUpError::Door(shut) => Refused::Shut(shut),
            SignUpError::Name(why) => Refused::Problem(match why {
                NameRefused::Invalid => SignUpProblem::NameInvalid,
                NameRefused::Taken => SignUpProblem::NameTaken,
                NameRefused::Alike => SignUpProblem::NameAlike,
                NameRefused::Kept => SignUpProblem::NameKept,
            }),
            SignUpError::Password(PasswordRefused::TooShort) => Refused::Problem(SignUpProblem::PasswordTooShort),
            SignUpError::Password(PasswordRefused::TooLong) => Refused::Problem(SignUpProblem::PasswordTooLong),
            SignUpError::Failed(FlowError::Unavailable(cause)) => {
                tracing::error!(error = &*cause as &dyn std::error::Error, "nobody can sign up");
                Refused::Problem(SignUpProblem::Busy)
            }
            SignUpError::Failed(error) => return Err(error.into()),
        })
    }

    /// Whether this is what somebody is told whose account was made a moment ago.
    fn may_be_an_echo(&self) -> bool {
        matches!(
            self,
            Refused::Shut(DoorShut::InvitationUsed) | Refused::Problem(SignUpProblem::NameTaken)
        )
    }
}

/// Counts a try of an invitation that does not exist.
fn count_guess(web: &Web, visit: &Visit, why: DoorShut) -> Result<(), PageError> {
    if why != DoorShut::UnknownInvitation {
        return Ok(());
    }
    let counted = web.limits.check(Limit::SignUp, visit.address);
    counted.map_err(PageError::too_many)
}

/// The form, or why there is none.
async fn open(web: &Web, visit: &Visit, asked: Asked<'_>) -> Result<HttpResponse, PageError> {
    let why = web.accounts.door(&asked.door()).await?;
    if let Some(owner) = &visit.owner {
        let username = owner.username.as_str().to_owned();
        return signed_in(web, visit, asked, username, why.is_none());
    }
    match why {
        None => form(web, visit, asked, None),
        Some(why) => {
            count_guess(web, visit, why)?;
            let status = match why {
                DoorShut::Closed | DoorShut::InvitationOnly | DoorShut::NotSetUp if asked.token.is_none() => {
                    StatusCode::OK
                }
                _ => refusal(why),
            };
            shut(web, visit, asked, status, why)
        }
    }
}

fn refusal(why: DoorShut) -> StatusCode {
    match why {
        DoorShut::Closed | DoorShut::InvitationOnly | DoorShut::NotSetUp => StatusCode::FORBIDDEN,
        DoorShut::UnknownInvitation
        | DoorShut::InvitationUsed
        | DoorShut::InvitationWithdrawn
        | DoorShut::InvitationLapsed => StatusCode::GONE,
    }
}

/// The page for somebody who has an account, and uses nothing up.
fn signed_in(
    web: &Web,
    visit: &Visit,
    asked: Asked<'_>,
    username: String,
    is_open: bool,
) -> Result<HttpResponse, PageError> {
    let why = match asked.token {
        Some(_) if is_open => SignUpShut::SignedInWithLink,
        _ => SignUpShut::SignedIn,
    };
    let view = SignUpShutView {
        why,
        continue_query: asked.continue_query.to_owned(),
        username: Some(username),
        onwards: onwards(asked.continue_query),
    };
    visit.page(web, StatusCode::OK, &view)
}

fn shut(
    web: &Web,
    visit: &Visit,
    asked: Asked<'_>,
    status: StatusCode,
    why: DoorShut,
) -> Result<HttpResponse, PageError> {
    let why = match why {
        DoorShut::Closed => SignUpShut::Closed,
        DoorShut::InvitationOnly => SignUpShut::InvitationOnly,
        DoorShut::NotSetUp => SignUpShut::NotSetUp,
        DoorShut::UnknownInvitation => SignUpShut::Unknown,
        DoorShut::InvitationUsed => SignUpShut::Used,
        DoorShut::InvitationWithdrawn => SignUpShut::Withdrawn,
        DoorShut::InvitationLapsed => SignUpShut::Lapsed,
    };
    let view = SignUpShutView {
        why,
        continue_query: asked.continue_query.to_owned(),
        username: None,
        onwards: onwards(asked.continue_query),
    };
    visit.page(web, status, &view)
}

fn form(web: &Web, visit: &Visit, asked: Asked<'_>, problem: Option<SignUpProblem>) -> Result<HttpResponse, PageError> {
    let status = match problem {
        None => StatusCode::OK,
        Some(SignUpProblem::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(SignUpProblem::Busy) => StatusCode::SERVICE_UNAVAILABLE,
        Some(_) => StatusCode::BAD_REQUEST,
    };
    let view = SignUpView {
        issuer: web.policy().issuer.as_str().to_owned(),
        token: asked.token.unwrap_or_default().to_owned(),
        continue_query: asked.continue_query.to_owned(),
        client_host: sign_in::client_host(asked.continue_query),
        username: asked.username.chars().take(Username::MAX_CHARS * 2).collect(),
        problem,
    };
    let mut response = visit.page(web, status, &view)?;
    headers::leads_to_client(&mut response);
    Ok(response)
}

/// The form, with how long to wait, also for programs.
fn too_many(web: &Web, visit: &Visit, asked: Asked<'_>, wait: Duration) -> Result<HttpResponse, PageError> {
    let minutes = wait.as_secs() / 60 + 1;
    let mut response = form(web, visit, asked, Some(SignUpProblem::TooMany { minutes }))?;
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
    Ok(response)
}
