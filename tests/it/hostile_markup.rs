//! Markup that HTML and microformats parsers misread: what a person is shown, and what is permitted, all the same.

use crate::harness::client_site::html_answer;
use crate::harness::{ClientSite, TestApp, Visitor};

async fn is_named(owner: &Visitor, case: &str, page: &str, expected: Option<&str>) {
    let site = ClientSite::answering(html_answer(page)).await;
    let question = owner.ask(&site.client_id(), &site.url("/cb")).await;
    assert!(question.is_question(), "{case}: {}", question.text());
    assert_eq!(question.name_shown().as_deref(), expected, "{case}");
}

/// What `microformats` gets wrong about names, and what it gets right and must not be spoilt.
#[tokio::test]
async fn the_name_is_what_the_page_says() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    for (case, inside, expected) in [
        ("input", "<input class=p-name value='By Input'>", Some("By Input")),
        (
            "white space",
            "<b class=p-name>  My Great\n  App\t</b>",
            Some("My Great App"),
        ),
        (
            "nested markup",
            "<span class=p-name>My <b>Great</b> <i>App</i></span>",
            Some("My Great App"),
        ),
        ("entities", "<b class=p-name>A &amp; B &lt;c&gt;</b>", Some("A & B <c>")),
        (
            "data",
            "<data class=p-name value='By Value'>no</data>",
            Some("By Value"),
        ),
        (
            "abbr",
            "<abbr class=p-name title='By Title'>no</abbr>",
            Some("By Title"),
        ),
        ("img", "<img class=p-name alt='By Alt' src=/x.png>", Some("By Alt")),
        (
            "value class",
            "<b class=p-name>no <i class=value>By Class</i></b>",
            Some("By Class"),
        ),
        (
            "author",
            "<div class='p-author h-card'><a class='u-url p-name' href=https://me.net/>Me</a></div><b class=p-name>The App</b>",
            Some("The App"),
        ),
        (
            "script",
            "<b class=p-name>App<script>x</script><style>y</style></b>",
            Some("App"),
        ),
        (
            "template",
            "<b class=p-name>App<template>x</template><!-- y --></b>",
            Some("App"),
        ),
        ("noscript", "<b class=p-name>App<noscript>x</noscript></b>", Some("App")),
        (
            "name in template",
            "<template><b class=p-name>Hidden</b></template><b class=p-name>App</b>",
            Some("App"),
        ),
        ("unclosed", "<p><a class='u-url p-name' href=/>The App", Some("The App")),
        (
            "first of two",
            "<b class=p-name>One</b><b class=p-name>Two</b>",
            Some("One"),
        ),
        ("implied by text", "Just Text", Some("Just Text")),
        ("implied by link", "<a href=/>Just a Link</a>", Some("Just a Link")),
        ("implied by image", "<img alt='The Logo' src=/l.png>", Some("The Logo")),
        ("not implied beside others", "<p class=p-summary>Long text</p>", None),
        (
            "unparseable url",
            "<a class='u-url p-name' href='http://[bad'>App</a>",
            Some("App"),
        ),
        (
            "another origin",
            "<a class='u-url p-name' href='https://other.net/'>Theirs</a>",
            None,
        ),
        (
            "another port",
            "<a class='u-url p-name' href='http://127.0.0.1:1/'>Theirs</a>",
            None,
        ),
        (
            "a relative base",
            "<base href=/x/><a class='u-url p-name' href=../>App</a>",
            Some("App"),
        ),
    ] {
        is_named(&owner, case, &format!("<div class=h-app>{inside}</div>"), expected).await;
    }
    let loose = "<a class='u-url p-name' href=/>App</a>";
    for (case, page, expected) in [
        ("div.h-app/", format!("<div class=h-app/>{loose}"), None),
        ("div.h-app /", format!("<div class=h-app />{loose}"), Some("App")),
        ("div 'h-app'/", format!("<div class='h-app'/>{loose}"), Some("App")),
        ("upper case", format!("<div class=H-APP>{loose}</div>"), None),
        ("longer class", format!("<div class=h-application>{loose}</div>"), None),
        ("in a comment", format!("<!-- <div class=h-app>{loose}</div> -->"), None),
        (
            "in a template",
            format!("<template><div class=h-app>{loose}</div></template>"),
            None,
        ),
        (
            "in noscript",
            format!("<noscript><div class=h-app>{loose}</div></noscript>"),
            None,
        ),
        (
            "in an entry",
            format!("<div class=h-entry><div class=h-app>{loose}</div></div>"),
            None,
        ),
        (
            "two without url",
            "<div class=h-app><b class=p-name>x</b></div>".repeat(2),
            None,
        ),
        (
            "the one with the url",
            format!("<div class=h-app><b class=p-name>x</b></div><div class=h-app>{loose}</div>"),
            Some("App"),
        ),
    ] {
        is_named(&owner, case, &page, expected).await;
    }
}

/// What `microformats` and `scraper` get wrong about links: the whole list, in order.
#[tokio::test]
async fn the_list_is_what_the_page_says() {
    let app = TestApp::start().await;
    let owner = app.owner("alice").await;
    let many: String = (0..100).map(|n| format!("<link rel=redirect_uri href=/{n}>")).collect();
    let fifty: Vec<String> = (0..50).map(|n| format!("/{n}")).collect();
    let fifty: Vec<&str> = fifty.iter().map(String::as_str).collect();
    for (case, page, found) in [
        (
            "relative base",
            "<base href=/x/><link rel=redirect_uri href=cb>",
            &["/x/cb"][..],
        ),
        (
            "base after the link",
            "<link rel=redirect_uri href=cb><base href=/x/>",
            &["/x/cb"],
        ),
        ("upper case", "<LINK REL=REDIRECT_URI HREF=/cb>", &["/cb"]),
        ("mixed case", "<link rel=Redirect_Uri href=/cb>", &["/cb"]),
        (
            "a element",
            "<a rel=redirect_uri href='https://evil.net/'>x</a><link rel=redirect_uri href=/cb>",
            &["/cb"],
        ),
        (
            "area element",
            "<area rel=redirect_uri href='https://evil.net/'><link rel=redirect_uri href=/cb>",
            &["/cb"],
        ),
        (
            "order",
            "<link rel=redirect_uri href=/z><link rel=redirect_uri href=/a><link rel=redirect_uri href=/m>",
            &["/z", "/a", "/m"],
        ),
        (
            "twice",
            "<link rel=redirect_uri href=/a><link rel=redirect_uri href=/b><link rel=redirect_uri href=/a>",
            &["/a", "/b"],
        ),
        (
            "unparseable href",
            "<link rel=redirect_uri href='http://[bad'><link rel=redirect_uri href=/cb>",
            &["/cb"],
        ),
        (
            "white space around",
            "<link rel='me redirect_uri\tself' href=' /cb\n'>",
            &["/cb"],
        ),
        (
            "white space inside",
            "<link rel=redirect_uri href='/c b'><link rel=redirect_uri href=/cb>",
            &["/cb"],
        ),
        ("in the body", "<body><p><link rel=redirect_uri href=/cb>", &["/cb"]),
        (
            "in an unclosed h-app",
            "<div class=h-app><link rel=redirect_uri href=/cb>",
            &["/cb"],
        ),
        (
            "after SVG",
            "<svg><title>x</title></svg><link rel=redirect_uri href=/cb>",
            &["/cb"],
        ),
        (
            "in SVG",
            "<svg><link rel=redirect_uri href=/evil /></svg><link rel=redirect_uri href=/cb>",
            &["/cb"],
        ),
        (
            "template",
            "<template><link rel=redirect_uri href=/evil></template><link rel=redirect_uri href=/cb>",
            &["/cb"],
        ),
        (
            "base in template",
            "<template><base href=/evil/></template><link rel=redirect_uri href=cb>",
            &["/cb"],
        ),
        (
            "noscript",
            "<noscript><link rel=redirect_uri href=/evil></noscript><link rel=redirect_uri href=/cb>",
            &["/cb"],
        ),
        (
            "unclosed noscript",
            "<link rel=redirect_uri href=/cb><noscript><link rel=redirect_uri href=/evil>",
            &["/cb"],
        ),
        (
            "iframe",
            "<iframe><link rel=redirect_uri href=/evil></iframe><link rel=redirect_uri href=/cb>",
            &["/cb"],
        ),
        ("hundred", &many, &fifty),
    ] {
        let site = ClientSite::answering(html_answer(page)).await;
        let found: Vec<String> = found.iter().map(|path| site.url(path)).collect();
        assert_eq!(owner.found_at(&site.client_id()).await, found, "{case}");
    }
}
