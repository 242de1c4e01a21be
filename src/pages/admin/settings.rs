//! `GET /admin/settings`: the settings that hold, without secrets.

use serde::Serialize;

use crate::pages::View;

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct SettingsView {
    /// The settings.
    pub settings: Vec<SettingEntry>,
}

/// One setting.
#[derive(Debug, Clone, Serialize)]
pub struct SettingEntry {
    /// The variable that sets it.
    pub name: String,
    /// What holds; of a secret only whether it is set.
    pub value: String,
}

impl View for SettingsView {
    const TEMPLATE: &'static str = "admin_settings.html";

    fn samples() -> Vec<Self> {
        let settings = [
            ("VESTIBULE_ISSUER", "https://id.example"),
            ("VESTIBULE_DATABASE_URL", "postgres://vestibule@db.internal/vestibule"),
            ("VESTIBULE_PROXY__TRUSTED", ""),
        ];
        let settings = settings.map(|(name, value)| SettingEntry {
            name: name.to_owned(),
            value: value.to_owned(),
        });
        vec![SettingsView {
            settings: settings.to_vec(),
        }]
    }
}
