//! What an app says when it registers, and what becomes of it.

use crate::oauth::client::{DisplayMetadata, display_name};
use crate::oauth::dialect::Dialect;
use crate::oauth::instance::Family;
use crate::oauth::policy::Policy;
use crate::oauth::redirect_uri::{RedirectTarget, RedirectUri};
use crate::oauth::registration::Registration;
use crate::oauth::scope::{Scope, ScopeToken};
use crate::web::fields::{Fields, WrongType};

use super::ApiError;

/// FoundKey's limits, in characters.
const MAX_NAME: usize = 128;
const MAX_TEXT: usize = 512;

/// More than there are permissions, with room for those of forks.
const MAX_PERMISSIONS: usize = 200;

/// Reads a registration. What is missing is told before what is wrong, as the validators do that its authors know.
pub(super) fn registration(fields: &Fields, policy: &Policy) -> Result<Registration, ApiError> {
    for name in ["name", "description", "permission"] {
        require(fields, name)?;
    }
    let name = text(fields, "name", MAX_NAME)?.unwrap_or_default();
    let description = text(fields, "description", MAX_TEXT)?.unwrap_or_default();
    let permission = permission(fields, policy)?;
    Ok(Registration {
        dialect: Dialect::MisskeyApp,
        display: DisplayMetadata {
            name: display_name(name),
            ..DisplayMetadata::default()
        },
        description: Some(description.to_owned()).filter(|text| !text.is_empty()),
        redirect_uris: callback(fields)?.into_iter().collect(),
        scope: permission,
        confidential: true,
        refreshes: false,
    })
}

/// A member that must be there.
pub(super) fn require(fields: &Fields, name: &str) -> Result<(), ApiError> {
    if fields.is_null(name) {
        return Err(wrong(name, "type", "must not be null"));
    }
    // Whatever it is, it is there.
    let is_there = !matches!(
        (fields.expect_text(name), fields.expect_list(name)),
        (Ok(None), Ok(None))
    );
    match is_there {
        true => Ok(()),
        false => Err(ApiError::invalid_param(
            "#/required",
            &format!("must have required property '{name}'"),
        )),
    }
}

/// A text, if there is one.
pub(super) fn text<'a>(fields: &'a Fields, name: &str, longest: usize) -> Result<Option<&'a str>, ApiError> {
    let text = fields
        .expect_text(name)
        .map_err(|WrongType { reason }| wrong(name, "type", reason))?;
    match text {
        Some(text) if text.chars().count() > longest => {
            let reason = format!("must NOT have more than {longest} characters");
            Err(wrong(name, "maxLength", &reason))
        }
        text => Ok(text),
    }
}

fn wrong(name: &str, rule: &str, reason: &str) -> ApiError {
    ApiError::invalid_param(&format!("#/properties/{name}/{rule}"), reason)
}

fn callback(fields: &Fields) -> Result<Option<RedirectUri>, ApiError> {
    match text(fields, "callbackUrl", MAX_TEXT)? {
        None | Some("") => Ok(None),
        Some(raw) => match RedirectUri::parse(raw) {
            Ok(uri) if uri.target() == RedirectTarget::OutOfBand => Err(wrong(
                "callbackUrl",
                "format",
                "must be an address; leave it out if there is none",
            )),
            Ok(uri) => Ok(Some(uri)),
            Err(error) => Err(wrong("callbackUrl", "format", error.description)),
        },
    }
}

fn permission(fields: &Fields, policy: &Policy) -> Result<Scope, ApiError> {
    let list = fields
        .expect_list("permission")
        .map_err(|WrongType { reason }| wrong("permission", "type", reason))?
        .unwrap_or_default();
    if list.len() > MAX_PERMISSIONS {
        let reason = format!("must NOT have more than {MAX_PERMISSIONS} items");
        return Err(wrong("permission", "maxItems", &reason));
    }
    if (1..list.len()).any(|at| list[..at].contains(&list[at])) {
        return Err(wrong("permission", "uniqueItems", "must NOT have duplicate items"));
    }
    let known = |name: &str| policy.scopes.speaks(name, Some(Family::Misskey));
    let names: Vec<String> = list.into_iter().map(today).collect();
    if policy.instance.misskey.strict_permissions && !names.iter().all(|name| known(name)) {
        let reason = "must be equal to one of the allowed values";
        return Err(wrong("permission", "items/enum", reason));
    }
    let tokens: Option<Scope> = names.iter().map(|name| ScopeToken::parse(name)).collect();
    tokens.ok_or_else(|| wrong("permission", "items/pattern", "must be the name of a permission"))
}

/// A name as it is spelt today: `account/read` and `account-read` were `read:account` once.
fn today(name: &str) -> String {
    for access in ["read", "write"] {
        let rest = name
            .strip_suffix(access)
            .and_then(|rest| rest.strip_suffix(['/', '-']))
            .filter(|rest| !rest.is_empty());
        if let Some(rest) = rest {
            return format!("{access}:{rest}");
        }
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_spellings_are_read() {
        for (sent, stored) in [
            ("account/read", "read:account"),
            ("note-write", "write:note"),
            ("page-likes/write", "write:page-likes"),
            ("read:account", "read:account"),
            ("write:page-likes", "write:page-likes"),
            ("-read", "-read"),
            ("/write", "/write"),
            ("thread", "thread"),
            ("unheard-of", "unheard-of"),
        ] {
            assert_eq!(today(sent), stored);
        }
    }
}
