//! A passkey and the script that asks for it, without a browser: makes credentials and signs answers as WebAuthn Level 3
//! §6 and §7 say, or with one thing wrong.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::actors::{Answer, Visitor};

/// Where passkeys are tried: they need a name for a host.
pub const ISSUER: &str = "https://id.example";

/// Flags of what an authenticator says (§6.1).
pub const PRESENT: u8 = 1;
pub const VERIFIED: u8 = 1 << 2;
pub const CAN_BE_COPIED: u8 = 1 << 3;
pub const IS_COPIED: u8 = 1 << 4;
const HAS_CREDENTIAL: u8 = 1 << 6;

/// A passkey, and what it says. A test changes one thing.
#[derive(Clone)]
pub struct Passkey {
    pub key: SigningKey,
    pub id: Vec<u8>,
    pub user_handle: Option<Vec<u8>>,
    pub counter: u32,
    pub flags: u8,
    pub origin: String,
    pub rp_id: String,
}

pub fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn decoded(text: &Value) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD
        .decode(text.as_str().expect("a text"))
        .expect("base64url")
}

impl Passkey {
    /// A new one, which does not count its uses, as those that are copied between devices.
    pub fn new() -> Passkey {
        let random: [u8; 32] = rand::random();
        Passkey {
            key: SigningKey::from_slice(&random).expect("nearly every number is a key"),
            id: rand::random::<[u8; 16]>().to_vec(),
            user_handle: None,
            counter: 0,
            flags: PRESENT | VERIFIED,
            origin: ISSUER.to_owned(),
            rp_id: "id.example".to_owned(),
        }
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let said = json!({
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": false,
        });
        said.to_string().into_bytes()
    }

    fn authenticator_data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(self.rp_id.as_bytes()).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// What `navigator.credentials.create` gives for these options.
    pub fn made_for(&mut self, options: &Value) -> Value {
        self.user_handle = Some(decoded(&options["user"]["id"]));
        let mut data = self.authenticator_data(self.flags | HAS_CREDENTIAL);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("a short id").to_be_bytes());
        data.extend(&self.id);
        data.extend(self.public_key());
        // {"fmt": "none", "attStmt": {}, "authData": data}
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(u16::try_from(data.len()).expect("little data").to_be_bytes());
        object.extend(data);
        self.credential(&json!({
            "clientDataJSON": encoded(&self.client_data("webauthn.create", options)),
            "attestationObject": encoded(&object),
            "transports": ["internal"],
        }))
    }

    /// The public key in COSE: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        let mut coded = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".to_vec();
        coded.extend(x);
        coded.extend(b"\x22\x58\x20");
        coded.extend(y);
        coded
    }

    /// What `navigator.credentials.get` gives for these options.
    pub fn answer_to(&self, options: &Value) -> Value {
        let data = self.authenticator_data(self.flags);
        let client_data = self.client_data("webauthn.get", options);
        let mut signed = data.clone();
        signed.extend(Sha256::digest(&client_data));
        let signature: Signature = self.key.sign(&signed);
        self.credential(&json!({
            "clientDataJSON": encoded(&client_data),
            "authenticatorData": encoded(&data),
            "signature": encoded(signature.to_der().as_bytes()),
            "userHandle": self.user_handle.as_ref().map(|handle| encoded(handle)),
        }))
    }

    fn credential(&self, response: &Value) -> Value {
        json!({
            "id": encoded(&self.id),
            "rawId": encoded(&self.id),
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        })
    }
}

/// What the script on a page knows.
pub struct Script<'a> {
    pub visitor: &'a Visitor,
    /// Where it asks.
    pub path: String,
    /// What it sends each time.
    pub message: Value,
}

impl Visitor {
    /// The script on a page, with the box that calls below `path`.
    pub async fn script(&self, page: &str, path: &str) -> Script<'_> {
        let page = self.get(page).await;
        let found = |name: &str| page.attribute(&format!("[data-passkey='{path}']"), name);
        Script {
            visitor: self,
            path: path.to_owned(),
            message: json!({
                "csrf": page.attribute(&format!("[data-passkey='{path}'] [name=csrf]"), "value"),
                "continue": found("data-continue"),
            }),
        }
    }

    /// POST of JSON.
    pub async fn post_json(&self, path: &str, message: &Value) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header("content-type", "application/json")
            .body(message.to_string());
        self.send(request).await
    }

    /// Adds a passkey by the script of the account page.
    pub async fn add_passkey(&self, name: &str) -> Passkey {
        let mut passkey = Passkey::new();
        let script = self
            .script("/account/passkeys", "/account/passkeys")
            .await
            .with("name", name);
        let options = script.options().await;
        let made = passkey.made_for(&options);
        let answer = script.finish(&made).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        passkey
    }

    /// Signs in with a passkey on the sign-in page.
    pub async fn sign_in_with(&self, passkey: &Passkey) -> Answer {
        let script = self.script("/sign-in", "/sign-in/passkey").await;
        let options = script.options().await;
        script.finish(&passkey.answer_to(&options)).await
    }
}

impl Script<'_> {
    /// Sends more, or something else.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.message[name] = value.into();
        self
    }

    /// Asks for a question.
    pub async fn begin(&self) -> Answer {
        self.visitor
            .post_json(&format!("{}/begin", self.path), &self.message)
            .await
    }

    /// The options in a question.
    pub async fn options(&self) -> Value {
        let answer = self.begin().await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["publicKey"].clone()
    }

    /// Sends an answer.
    pub async fn finish(&self, credential: &Value) -> Answer {
        let mut message = self.message.clone();
        message["credential"] = credential.clone();
        self.visitor.post_json(&format!("{}/finish", self.path), &message).await
    }
}

impl Answer {
    /// An attribute of an element on the page.
    pub fn attribute(&self, selector: &str, name: &str) -> String {
        let page = scraper::Html::parse_document(&self.body);
        let wanted = scraper::Selector::parse(selector).expect("a selector");
        let found = page.select(&wanted).next();
        let element = found.unwrap_or_else(|| panic!("no {selector}: {} {}", self.status, self.body));
        element.attr(name).unwrap_or_default().to_owned()
    }
}
