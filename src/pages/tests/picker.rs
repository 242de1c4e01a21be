//! The choice of a language, at the end of every page.

use super::*;

/// Nothing may lead away from what is shown once, and the page that is the choice needs no other.
const WITHOUT: [&str; 2] = ["recovery_codes.html", "languages.html"];

/// The files in `locales`, by the names that speakers give their languages.
fn locale_files() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/locales");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let table: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
            let name = table["language"]["name"].as_str().unwrap().to_owned();
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), name)
        })
        .collect();
    files.sort();
    files
}

/// Each language in a piece of a page: tag and name.
fn offered(html: &str) -> Vec<(String, String)> {
    let mut offered: Vec<(String, String)> = pieces(html, " lang=\"", "</")
        .into_iter()
        .map(|piece| {
            let (tag, rest) = piece.split_once('"').unwrap();
            (tag.to_owned(), rest.split_once('>').unwrap().1.to_owned())
        })
        .collect();
    offered.sort();
    offered
}

#[test]
fn every_page_offers_exactly_the_languages_there_are_files_for() {
    let files = locale_files();
    assert!(files.len() > 1, "{files:?}");
    for Rendered { what, html } in render_all(&Pages::load().unwrap()) {
        let footers = pieces(&html, "<footer", "</footer>");
        if WITHOUT.iter().any(|template| what.starts_with(template)) || html.contains("id=\"link\"") {
            assert!(footers.is_empty(), "{what}");
            continue;
        }
        assert_eq!(footers.len(), 1, "{what}");
        assert_eq!(offered(footers[0]), files, "{what}");
        assert_eq!(footers[0].matches("aria-current=\"true\"").count(), 1, "{what}");
    }
}

#[test]
fn the_page_of_languages_offers_them_too() {
    let pages = Pages::load().unwrap();
    for view in languages::LanguagesView::samples() {
        let html = pages.render(&view, &english(&pages)).unwrap();
        let (_, form) = html.split_once("action=\"/language\"").unwrap();
        assert_eq!(offered(form), locale_files());
    }
}

/// The path goes back and forth as text, and a link carries what it was given.
#[test]
fn the_way_back_is_in_the_form_or_in_the_link() {
    let pages = Pages::load().unwrap();
    let view = &home::HomeView::samples()[0];
    let with_form = pages.render(view, &english(&pages)).unwrap();
    for field in ["name=\"back\" value=\"/here?x=1\"", "name=\"seal\" value=\"seal_5tq\""] {
        assert!(with_form.contains(field), "{field}: {with_form}");
    }
    let hostile = Frame {
        way_back: WayBack::Sealed {
            path: "/?\"><script>".to_owned(),
            seal: String::new(),
        },
        ..english(&pages)
    };
    let html = pages.render(view, &hostile).unwrap();
    assert!(!html.contains("<script"), "{html}");
    for (query, link) in [
        ("", "/language\""),
        ("a=1&b", "/language?a=1&amp;b\""),
        ("\"><b>", "/language?&quot;&gt;&lt;b&gt;\""),
    ] {
        let reader = Frame {
            csrf: None,
            way_back: WayBack::Carried(query.to_owned()),
            ..english(&pages)
        };
        let html = pages.render(view, &reader).unwrap();
        assert!(html.contains(&format!("<a href=\"{link}")), "{html}");
        assert!(!html.contains("<form"), "{html}");
    }
}

#[test]
fn the_direction_is_that_of_the_language() {
    let pages = Pages::load().unwrap();
    for language in pages.languages().iter() {
        let html = pages.render(&home::HomeView::samples()[0], &frame(language)).unwrap();
        let start = format!("<html lang=\"{}\" dir=\"{}\">", language.tag(), language.direction());
        assert!(html.contains(&start), "{html}");
    }
}
