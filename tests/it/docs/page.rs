//! A page of the documentation, as the reader who follows it sees it.

use std::collections::BTreeSet;

use serde_json::Value;

/// A page.
pub struct Page {
    pub name: String,
    pub steps: Vec<Step>,
    /// Its first `html` block.
    pub html: Option<String>,
}

/// A block to run.
pub struct Step {
    pub shell: String,
    /// What it prints, where the page says so.
    pub prints: Option<String>,
}

impl Page {
    /// Reads the fenced blocks of a page.
    pub fn parse(name: String, text: &str) -> Page {
        let mut page = Page {
            name,
            steps: Vec::new(),
            html: None,
        };
        let mut lines = text.lines();
        let mut follows = false;
        while let Some(line) = lines.next() {
            let Some(language) = line.strip_prefix("```") else {
                follows &= line.trim().is_empty();
                continue;
            };
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let block = block.join("\n");
            match (language, page.steps.last_mut()) {
                ("json", Some(step)) if follows => step.prints = Some(block),
                ("html", _) => drop(page.html.get_or_insert(block)),
                ("sh", _) => page.steps.push(Step {
                    shell: block,
                    prints: None,
                }),
                _ => {}
            }
            follows = language == "sh";
        }
        page
    }
}

/// Where an answer is not what the page says.
pub fn difference(expected: &Value, found: &Value, place: &str) -> Option<String> {
    let differs = || Some(format!("{place} is {found}, and not {expected}"));
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let names = |object: &serde_json::Map<String, Value>| object.keys().cloned().collect::<BTreeSet<_>>();
            if names(expected) != names(found) {
                return Some(format!("{place} has {:?}, and not {:?}", names(found), names(expected)));
            }
            let mut members = expected.iter();
            members.find_map(|(name, value)| difference(value, &found[name], &format!("{place}.{name}")))
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            let mut items = expected.iter().zip(found).enumerate();
            items.find_map(|(at, (expected, found))| difference(expected, found, &format!("{place}[{at}]")))
        }
        (Value::String(pattern), Value::String(text)) if fits(pattern, text) => None,
        (Value::Number(any), Value::Number(_)) if any.as_i64() == Some(0) => None,
        _ if expected == found => None,
        _ => differs(),
    }
}

/// Whether a text is like the pattern, in which one `…` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('…') {
        None => pattern == text,
        Some((before, after)) => text
            .strip_prefix(before)
            .is_some_and(|rest| rest.len() >= after.len() && rest.ends_with(after)),
    }
}

#[test]
fn blocks_are_read_in_order_with_what_they_print() {
    let text =
        "a\n```sh\none\ntwo\n```\n\n```json\n{}\n```\n```html\n<p>\n```\n```sh\nthree\n```\nb\n```json\n[]\n```\n";
    let page = Page::parse("x".to_owned(), text);
    let steps: Vec<_> = page
        .steps
        .iter()
        .map(|step| (step.shell.as_str(), step.prints.as_deref()))
        .collect();
    assert_eq!(steps, [("one\ntwo", Some("{}")), ("three", None)]);
    assert_eq!(page.html.as_deref(), Some("<p>"));
}

#[test]
fn an_answer_has_the_members_and_values_that_the_page_says() {
    let expected = serde_json::json!({ "a": "…", "n": 0, "fixed": 7, "list": ["x"], "url": "https://a/…/b" });
    let good = serde_json::json!({ "a": "any", "n": 5, "fixed": 7, "list": ["x"], "url": "https://a/1/b" });
    assert_eq!(difference(&expected, &good, "it"), None);
    for (name, value) in [
        ("a", Value::Null),
        ("n", "5".into()),
        ("fixed", 8.into()),
        ("list", serde_json::json!(["x", "y"])),
        ("url", "https://b/1/b".into()),
        ("more", 1.into()),
    ] {
        let mut bad = good.clone();
        bad[name] = value;
        assert!(difference(&expected, &bad, "it").is_some(), "{name}");
    }
}
