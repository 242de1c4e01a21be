// Asks a passkey what this server wants to know (WebAuthn) and sends its answer back. Every sentence is on the page, and
// so is what there is without this script: the parts that need it are hidden until it runs.
"use strict";

// Bytes travel as base64url. Browsers can convert the whole message by now, but not all of them, and password managers
// that stand in for one often cannot.
const bytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), byte => byte.charCodeAt(0));
const text = buffer =>
  btoa(Array.from(new Uint8Array(buffer), byte => String.fromCharCode(byte)).join(""))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function question(options) {
  const named = (list = []) => list.map(known => ({ ...known, id: bytes(known.id) }));
  const asked = { ...options, challenge: bytes(options.challenge) };
  if (options.user) {
    asked.user = { ...options.user, id: bytes(options.user.id) };
    asked.excludeCredentials = named(options.excludeCredentials);
  } else {
    asked.allowCredentials = named(options.allowCredentials);
  }
  return asked;
}

function answer(credential) {
  const response = { clientDataJSON: text(credential.response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    const buffer = credential.response[part];
    if (buffer && (part !== "authenticatorData" || credential.response.signature)) response[part] = text(buffer);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: {},
  };
}

// What the server says; or a word for what went wrong, thrown.
async function call(path, message) {
  let told;
  try {
    const reply = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(message),
    });
    told = await reply.json();
  } catch {
    throw "failed";
  }
  if (told.location) location.assign(told.location);
  else if (!told.publicKey) throw told.error || "failed";
  return told;
}

async function ask(box) {
  const message = { csrf: box.querySelector("[name=csrf]").value, continue: box.dataset.continue };
  const { publicKey } = await call(`${box.dataset.passkey}/begin`, message);
  if (!publicKey) return;
  const options = { publicKey: question(publicKey) };
  const credential = publicKey.user
    ? await navigator.credentials.create(options)
    : await navigator.credentials.get(options);
  const name = box.querySelector("#passkey-name");
  if (name) message.name = name.value;
  await call(`${box.dataset.passkey}/finish`, { ...message, credential: answer(credential) });
}

// The browser says on purpose little about why nothing came of it.
const problem = error =>
  typeof error === "string" ? error : { InvalidStateError: "exists", NotAllowedError: "cancelled" }[error.name] || "failed";

for (const box of document.querySelectorAll("[data-passkey]")) {
  const button = box.querySelector("button");
  const said = box.querySelector("[role=alert]");
  const without = box.querySelector("[data-without]");
  if (!window.PublicKeyCredential) {
    without.textContent = without.dataset.without;
    continue;
  }
  without.hidden = true;
  for (const part of box.querySelectorAll(".field, .actions")) part.hidden = false;
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    said.hidden = true;
    try {
      await ask(box);
    } catch (error) {
      said.textContent = box.dataset[problem(error)] || box.dataset.failed;
      said.hidden = false;
    }
    button.removeAttribute("aria-disabled");
  });
}
