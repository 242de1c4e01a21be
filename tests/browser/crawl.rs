//! Every page that our own links lead to.

use std::collections::{BTreeSet, VecDeque};

use url::Url;

use super::scene::Scene;

/// More pages than there are.
const MOST_PAGES: usize = 100;

const LINKS: &str = "return [...document.querySelectorAll('a[href]')].map(link => link.href);";

/// Opens the pages with these paths, and all that links on them lead to, each path once; looks at each. Gives the paths.
pub(crate) async fn crawl(scene: &Scene, starts: &[&str], mut look: impl AsyncFnMut(&str)) -> BTreeSet<String> {
    let base = Url::parse(&scene.server.base).expect("an address");
    let at = |path: &&str| base.join(path).expect("a path");
    let mut ahead: VecDeque<Url> = starts.iter().map(at).collect();
    let mut seen: BTreeSet<String> = ahead.iter().map(|url| url.path().to_owned()).collect();
    while let Some(url) = ahead.pop_front() {
        scene.browser.open(url.as_str()).await;
        look(url.path()).await;
        let links = scene.browser.client.execute(LINKS, Vec::new()).await.expect("a page");
        for link in links.as_array().into_iter().flatten().filter_map(|link| link.as_str()) {
            let link = Url::parse(link).expect("an address");
            if link.origin() == base.origin() && seen.insert(link.path().to_owned()) {
                ahead.push_back(link);
            }
        }
        assert!(seen.len() < MOST_PAGES, "{seen:?}");
    }
    seen
}
