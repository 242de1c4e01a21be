//! The pages below `/admin`: for operators alone.

use serde::Serialize;

use super::View;

pub mod clients;
pub mod hosts;
pub mod invitations;
pub mod log;
pub mod people;
pub mod person;
pub mod settings;
pub mod tokens;

/// `GET /admin`: the server in numbers, and the way to the other pages.
#[derive(Debug, Clone, Serialize)]
pub struct OverviewView {
    /// People with an account.
    pub people: u64,
    /// Those of them who are shut out.
    pub disabled: u64,
    /// People whose e-mail address waits to be confirmed.
    pub unconfirmed: u64,
    /// Sessions that hold.
    pub sessions: u64,
    /// Tokens that hold.
    pub tokens: u64,
    /// Registered apps.
    pub registered: u64,
    /// Apps that came with an address of their own.
    pub seen: u64,
}

/// Which page of a list it is, and the way to the others.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Paging {
    /// What is searched for, as a query that ends in `&`, or nothing.
    pub query: String,
    /// The page before.
    pub before: Option<u32>,
    /// The page after.
    pub after: Option<u32>,
}

impl Paging {
    /// Of a page with this number, when there are more behind it.
    pub fn of(number: u32, has_more: bool, searched: &[(&str, &str)]) -> Paging {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in searched.iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        let mut query = query.finish();
        if !query.is_empty() {
            query.push('&');
        }
        Paging {
            query,
            before: number.checked_sub(1),
            after: number.checked_add(1).filter(|_| has_more),
        }
    }
}

/// The address of a page with one parameter.
fn link_to(path: &str, name: &str, value: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    format!("{path}?{}", query.append_pair(name, value).finish())
}

impl View for OverviewView {
    const TEMPLATE: &'static str = "admin.html";

    fn samples() -> Vec<Self> {
        vec![OverviewView {
            people: 128,
            disabled: 2,
            unconfirmed: 3,
            sessions: 190,
            tokens: 412,
            registered: 31,
            seen: 57,
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::Paging;

    #[test]
    fn a_search_goes_along_to_the_next_page() {
        let paging = Paging::of(2, true, &[("search", "a&b"), ("kind", "")]);
        assert_eq!(paging.query, "search=a%26b&");
        assert_eq!((paging.before, paging.after), (Some(1), Some(3)));
        let only = Paging::of(0, false, &[]);
        assert_eq!((only.query.as_str(), only.before, only.after), ("", None, None));
    }
}
