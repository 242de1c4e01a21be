//! How many fetches run at once: in all, per remote host and per remote address.
//!
//! Without the last two, a visitor with a thousand client ids could make this server a hammer for one victim.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A place among those that may fetch now. Given back when dropped.
pub(crate) type Seat = OwnedSemaphorePermit;

/// What is counted apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Remote {
    Host(String),
    Address(IpAddr),
}

/// The doors a fetch passes, in this order: its host, its addresses, all. The common door comes last, so that those who
/// wait for one slow host do not fill it.
#[derive(Debug)]
pub(crate) struct Gate {
    all: Arc<Semaphore>,
    per_remote: usize,
    remotes: Mutex<HashMap<Remote, Arc<Semaphore>>>,
}

/// From this many remembered remotes on, those that nobody uses are forgotten.
const FORGET_FROM: usize = 64;

impl Gate {
    pub(crate) fn new(all: usize, per_remote: usize) -> Gate {
        Gate {
            all: Arc::new(Semaphore::new(all)),
            per_remote,
            remotes: Mutex::default(),
        }
    }

    /// Waits for a place at a host.
    pub(crate) async fn host(&self, host: &str) -> Option<Seat> {
        self.remote(Remote::Host(host.to_owned())).acquire_owned().await.ok()
    }

    /// Waits for a place at each address, then among all.
    pub(crate) async fn addresses(&self, addresses: &[IpAddr]) -> Option<Vec<Seat>> {
        let mut ordered = addresses.to_vec();
        // Two fetches that each hold what the other waits for would both wait until their deadline.
        ordered.sort_unstable();
        ordered.dedup();
        let mut seats = Vec::with_capacity(ordered.len() + 1);
        for ip in ordered {
            seats.push(self.remote(Remote::Address(ip)).acquire_owned().await.ok()?);
        }
        seats.push(Arc::clone(&self.all).acquire_owned().await.ok()?);
        Some(seats)
    }

    fn remote(&self, remote: Remote) -> Arc<Semaphore> {
        let mut remotes = self.remotes.lock().unwrap_or_else(PoisonError::into_inner);
        if remotes.len() >= FORGET_FROM {
            // Seats and those who wait hold a reference of their own.
            remotes.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        }
        let fresh = || Arc::new(Semaphore::new(self.per_remote));
        Arc::clone(remotes.entry(remote).or_insert_with(fresh))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn the_third_fetch_from_one_host_waits_and_others_do_not() {
        let gate = Gate::new(16, 2);
        let first = gate.host("a.net").await;
        let _second = gate.host("a.net").await;
        assert!(gate.host("a.net").now_or_never().is_none());
        assert!(gate.host("b.net").now_or_never().is_some());
        drop(first);
        assert!(gate.host("a.net").now_or_never().is_some());
    }

    #[tokio::test]
    async fn many_names_of_one_address_count_as_one() {
        let gate = Gate::new(16, 2);
        let ip: IpAddr = "93.184.216.34".parse().unwrap();
        let _seats = (gate.addresses(&[ip]).await, gate.addresses(&[ip, ip]).await);
        assert!(gate.addresses(&[ip]).now_or_never().is_none());
    }

    #[tokio::test]
    async fn no_more_than_the_total_run_at_once() {
        let gate = Gate::new(1, 2);
        let _seats = gate.addresses(&["1.1.1.1".parse().unwrap()]).await;
        assert!(gate.addresses(&["8.8.8.8".parse().unwrap()]).now_or_never().is_none());
    }

    #[tokio::test]
    async fn remotes_that_nobody_uses_are_forgotten() {
        let gate = Gate::new(16, 2);
        for n in 0..1000 {
            drop(gate.host(&format!("{n}.net")).await);
        }
        assert!(gate.remotes.lock().unwrap().len() <= FORGET_FROM);
    }
}
