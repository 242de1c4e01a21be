//! What is decided about the apps of hosts.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::{Desk, number, searched};
use crate::oauth::host_rule::HostRule;
use crate::operators::OperatorError;
use crate::operators::hosts::RuledHost;
use crate::pages::admin::Paging;
use crate::pages::admin::hosts::{HostProblem, HostsView, RuleDone, RuleEntry, link_to_host};
use crate::web::Web;
use crate::web::error::PageError;
use crate::web::params::from_query;
use crate::web::paths::ADMIN_HOSTS;

/// What the form says to take a decision back.
const CLEAR: &str = "clear";

/// GET: a part of the decisions, and the form.
pub(super) async fn show(request: HttpRequest, web: Data<Web>) -> Result<HttpResponse, PageError> {
    let desk = Desk::of(&request, &web).await?;
    let params = from_query(&request)?;
    let done = desk.done(&params).and_then(|done| done.split_once(' '));
    let view = HostsView {
        done: done.map(|(rule, host)| RuleDone {
            host: host.to_owned(),
            rule: rule.to_owned(),
        }),
        host: searched(&params, "host").to_owned(),
        ..page(&web, &desk, number(&params)).await?
    };
    desk.visit.page(&web, StatusCode::OK, &view)
}

/// POST: a decision.
pub(super) async fn decide(request: HttpRequest, web: Data<Web>, payload: Payload) -> Result<HttpResponse, PageError> {
    let (desk, form) = Desk::acting(&request, &web, payload, ADMIN_HOSTS).await?;
    let rule = match form.get("rule") {
        CLEAR => None,
        name => Some(HostRule::parse(name).ok_or_else(PageError::form_unusable)?),
    };
    match web.operators.rule_host(form.get("host"), rule, desk.by()).await {
        Ok(ruled) => {
            let rule = rule.map_or(CLEAR, HostRule::as_str);
            Ok(desk.told(ADMIN_HOSTS, &format!("{rule} {}", ruled.host)))
        }
        Err(error @ (OperatorError::NoHost | OperatorError::Everybodys)) => {
            let problem = match error {
                OperatorError::Everybodys => HostProblem::Everybodys,
                _ => HostProblem::NoHost,
            };
            let view = HostsView {
                host: form.get("host").to_owned(),
                problem: Some(problem),
                ..page(&web, &desk, 0).await?
            };
            desk.visit.page(&web, StatusCode::BAD_REQUEST, &view)
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(web: &Web, desk: &Desk, number: u32) -> Result<HostsView, PageError> {
    let found = web.operators.host_rules(number).await?;
    Ok(HostsView {
        rules: found.lines.into_iter().map(entry).collect(),
        host: String::new(),
        problem: None,
        done: None,
        fresh: desk.visit.is_fresh,
        paging: Paging::of(number, found.has_more, &[]),
    })
}

fn entry(ruled: RuledHost) -> RuleEntry {
    RuleEntry {
        link: link_to_host(&ruled.host),
        host: ruled.host,
        rule: ruled.rule.as_str().to_owned(),
        since: ruled.since.unix_timestamp(),
    }
}
