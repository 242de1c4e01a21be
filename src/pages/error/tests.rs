use super::*;

fn report(step: Step, detail: Option<&str>) -> AuthorReport {
    AuthorReport {
        step: Some(step),
        detail: detail.map(str::to_owned),
        ..AuthorReport::default()
    }
}

#[test]
fn waiting_helps_where_the_apps_site_was_not_well() {
    for (step, status, helps) in [
        (Step::Resolve, None, true),
        (Step::Connect, None, true),
        (Step::BotCheck, Some("403"), true),
        (Step::Status, Some("500"), true),
        (Step::Status, Some("503"), true),
        (Step::Status, Some("404"), false),
        (Step::Status, Some("410"), false),
        (Step::Status, None, false),
        (Step::Url, None, false),
        (Step::Port, None, false),
        (Step::Redirect, Some("301"), false),
        (Step::MediaType, Some("200"), false),
        (Step::Encoding, Some("200"), false),
        (Step::Size, Some("200"), false),
        (Step::Page, Some("200"), false),
        (Step::Document, Some("200"), false),
        (Step::ClientIdMismatch, Some("200"), false),
        (Step::SharedSecret, Some("200"), false),
        (Step::RedirectUris, Some("200"), false),
        (Step::RedirectUri, None, false),
    ] {
        assert_eq!(report(step, status).waiting_helps(), helps, "{step:?} {status:?}");
    }
    assert!(!AuthorReport::default().waiting_helps());
}

#[test]
fn the_template_sees_the_report_and_what_follows_from_it() {
    let view = ErrorView {
        author: Some(report(Step::Status, Some("503"))),
        ..ErrorView::plain(400, ErrorKind::ClientRefused)
    };
    let variables = serde_json::to_value(&view).unwrap();
    assert_eq!(variables["author"]["step"], "status");
    assert_eq!(variables["author"]["waiting_helps"], true);
    let plain = ErrorView::plain(404, ErrorKind::NotFound);
    assert!(serde_json::to_value(&plain).unwrap()["author"].is_null());
}
