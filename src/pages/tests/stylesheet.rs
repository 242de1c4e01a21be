//! What the stylesheet must not say.

use super::*;

fn stylesheet() -> &'static str {
    std::str::from_utf8(assets::find("vestibule.css").unwrap().bytes).unwrap()
}

/// Each declaration, as property and value, with the at-rules around it. Comments are left out.
fn declarations() -> Vec<(String, String, String)> {
    let mut text = String::new();
    let mut rest = stylesheet();
    while let Some((before, after)) = rest.split_once("/*") {
        text.push_str(before);
        rest = after.split_once("*/").expect("a comment ends").1;
    }
    text.push_str(rest);
    let (mut around, mut found, mut said) = (Vec::new(), Vec::new(), String::new());
    for character in text.chars() {
        match character {
            '{' => around.push(std::mem::take(&mut said).trim().to_owned()),
            ';' | '}' => {
                if let Some((property, value)) = said.split_once(':') {
                    let rules: Vec<&str> = around
                        .iter()
                        .map(String::as_str)
                        .filter(|rule| rule.starts_with('@'))
                        .collect();
                    found.push((property.trim().to_owned(), value.trim().to_owned(), rules.join(" ")));
                }
                said.clear();
                if character == '}' {
                    around.pop();
                }
            }
            other => said.push(other),
        }
    }
    assert!(
        around.is_empty() && found.len() > 100,
        "the stylesheet was not understood"
    );
    found
}

/// Right-to-left languages turn the page around; what names a side would stay where it is.
#[test]
fn no_side_is_left_or_right() {
    for (property, value, _) in declarations() {
        let named = |text: &str| {
            text.split(|c: char| !c.is_ascii_alphanumeric())
                .any(|word| word == "left" || word == "right")
        };
        assert!(!named(&property) && !named(&value), "{property}: {value}");
        // Of four values the second is right, the fourth left.
        let sides: Vec<&str> = value.split_whitespace().collect();
        if matches!(property.as_str(), "margin" | "padding" | "inset" | "border-width") && sides.len() == 4 {
            assert_eq!(sides[1], sides[3], "{property}: {value}");
        }
        // Of four corners the first two are at the top, and the last two below from right to left.
        if property == "border-radius" && sides.len() > 1 {
            let corner = |n: usize| sides.get(n).or(sides.get(n.wrapping_sub(2))).unwrap_or(&sides[0]);
            assert_eq!((corner(0), corner(2)), (corner(1), corner(3)), "{property}: {value}");
        }
    }
}

#[test]
fn nothing_moves_for_whoever_wants_no_motion() {
    for (property, value, rules) in declarations() {
        let moves = ["animation", "transition", "scroll-behavior", "view-transition"];
        if moves.iter().any(|prefix| property.starts_with(prefix)) {
            assert!(
                rules.contains("prefers-reduced-motion: no-preference"),
                "{property}: {value}"
            );
        }
    }
}
