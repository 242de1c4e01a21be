//! Every page that can be seen: WCAG 2.2 AA as far as axe-core can tell, and no scrolling sideways. With
//! `VESTIBULE_SCREENSHOTS` set to a folder, `bin/screenshots` gets its pictures from here.

use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::browser::Browser;
use super::gallery::{Exhibit, Gallery};
use super::programs::target_folder;

/// Pictures are taken as on a phone and as on a desktop.
const WIDTHS: [u32; 2] = [390, 1280];
const THEMES: [&str; 2] = ["light", "dark"];
/// What is checked: contrast depends on the theme alone, and the size of targets on the width alone.
const CHECKED: [(&str, u32); 2] = [("light", 390), ("dark", 1280)];
/// The narrowest window that must do without scrolling sideways (WCAG 2.2, 1.4.10), and the one in which the layout for
/// wide windows begins.
const NARROWEST: [u32; 2] = [320, 544];

/// The samples that stand for their page in the documentation, where that is not the first one.
const TELLING: [(&str, &str); 7] = [
    ("set-up", "7"),
    ("sign-in", "1"),
    ("apps", "2"),
    ("profile", "1"),
    ("own-profile", "1"),
    ("front", "1"),
    ("error", "34"),
];

const CHECK: &str = "
const done = arguments[0];
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'];
axe.run({ runOnly: tags, resultTypes: ['violations'] }).then(
  found => done(found.violations.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html} ${node.failureSummary}`))),
  error => done([`axe failed: ${error}`]),
);";

/// One of each: grey on the paper of the dark theme, a picture without words, a field without a name, tiny buttons.
const BARRIERS: &str = "
const barrier = document.createElement('div');
barrier.innerHTML = '<p>hardly to be read</p><img src=/static/vestibule.svg><input><button>a</button><button>b</button>';
barrier.querySelector('p').style.color = '#333a38';
for (const button of barrier.querySelectorAll('button')) button.style = 'min-block-size: 0; padding: 0; border: 0; font-size: 9px';
document.querySelector('main').append(barrier);";

#[tokio::test]
async fn english_pages_are_accessible() {
    every_page_is_accessible_in("en").await;
}

#[tokio::test]
async fn japanese_pages_are_accessible() {
    every_page_is_accessible_in("ja").await;
}

async fn every_page_is_accessible_in(language: &str) {
    let (gallery, browser, axe) = (Gallery::open(language), Browser::start(&[]).await, axe());
    let mut found = Vec::new();
    for exhibit in &gallery.exhibits {
        browser.open(&format!("{}{}", gallery.base, exhibit.path)).await;
        browser.client.execute(&axe, Vec::new()).await.expect("axe loads");
        for (theme, width) in CHECKED {
            show(&browser, theme, width).await;
            let violations = violations(&browser).await;
            found.extend(
                violations
                    .into_iter()
                    .map(|text| format!("{} {theme} {width}: {text}", exhibit.name)),
            );
        }
    }
    assert!(found.is_empty(), "{} in {language}:\n{}", found.len(), found.join("\n"));

    // What is not accessible would have been seen, in the colours of the theme that is shown.
    browser.client.execute(BARRIERS, Vec::new()).await.expect("a page");
    let seen = violations(&browser).await.join("\n");
    for rule in ["color-contrast", "image-alt", "label", "target-size"] {
        assert!(seen.contains(&format!("{rule}: ")), "{rule} is not among:\n{seen}");
    }
}

async fn violations(browser: &Browser) -> Vec<String> {
    let found = browser.client.execute_async(CHECK, Vec::new()).await.expect("axe runs");
    let texts = found.as_array().cloned().unwrap_or_default();
    texts
        .iter()
        .filter_map(|text| text.as_str().map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn no_page_scrolls_sideways() {
    let browser = Browser::start(&[]).await;
    for language in ["en", "ja"] {
        let gallery = Gallery::open(language);
        for Exhibit { name, path } in &gallery.exhibits {
            browser.open(&format!("{}{path}", gallery.base)).await;
            for width in NARROWEST {
                show(&browser, "light", width).await;
                let (wide, _) = size(&browser).await;
                assert!(wide <= u64::from(width), "{name} in {language} needs {wide} of {width}");
            }
            if language == "en" {
                photograph(&browser, name).await;
            }
        }
    }
}

async fn show(browser: &Browser, theme: &str, width: u32) {
    let metrics = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
    browser.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }] });
    browser.devtools("Emulation.setEmulatedMedia", features).await;
}

/// Width and height of the whole page.
async fn size(browser: &Browser) -> (u64, u64) {
    let metrics = browser.devtools("Page.getLayoutMetrics", json!({})).await;
    let side = |name: &str| metrics["cssContentSize"][name].as_u64().expect("a size");
    (side("width"), side("height"))
}

async fn photograph(browser: &Browser, name: &str) {
    let (title, number) = name.rsplit_once('-').expect("a view and a number");
    let telling = TELLING.iter().find(|(view, _)| *view == title);
    let Some(folder) = std::env::var_os("VESTIBULE_SCREENSHOTS") else {
        return;
    };
    if number != telling.map_or("0", |(_, number)| number) {
        return;
    }
    for theme in THEMES {
        for width in WIDTHS {
            show(browser, theme, width).await;
            let file = PathBuf::from(&folder).join(format!("{title}-{theme}-{width}.png"));
            fs::write(&file, picture_of(browser).await).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        }
    }
}

/// The whole page, also what is below the window.
async fn picture_of(browser: &Browser) -> Vec<u8> {
    let (width, height) = size(browser).await;
    let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
    let wanted = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
    let taken: Value = browser.devtools("Page.captureScreenshot", wanted).await;
    BASE64_STANDARD
        .decode(taken["data"].as_str().expect("a picture"))
        .expect("base64")
}

/// The program that checks, from where `bin/test` puts it.
fn axe() -> String {
    let file = target_folder().join("axe/node_modules/axe-core/axe.min.js");
    fs::read_to_string(&file).unwrap_or_else(|error| {
        let folder = target_folder().join("axe");
        panic!(
            "{}: {error}; run: npm install --no-save --prefix {} axe-core@4",
            file.display(),
            folder.display()
        )
    })
}
