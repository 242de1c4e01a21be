//! The database schema, one file per step. Steps are never edited after a release, only followed by another.

use sea_orm_migration::prelude::*;

pub use sea_orm_migration::MigratorTrait;

mod m20261122_000001_init;
mod m20261122_000002_registered_clients;
mod m20261122_000003_sightings;
mod m20261122_000004_second_factors;
mod m20261122_000005_people;

/// Runs the steps that a database has not seen yet.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_init::Migration),
            Box::new(m20261122_000002_registered_clients::Migration),
            Box::new(m20261122_000003_sightings::Migration),
            Box::new(m20261122_000004_second_factors::Migration),
            Box::new(m20261122_000005_people::Migration),
        ]
    }
}
