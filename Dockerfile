# Builds with any engine: no BuildKit mounts, no extra tools. The toolchain is the one the tests run with.
FROM rust:1.95-bookworm AS build
WORKDIR /build

# The dependencies alone, behind stand-ins for our own sources: this layer is built again only when a manifest changes.
COPY Cargo.toml Cargo.lock ./
COPY entity/Cargo.toml entity/
COPY migration/Cargo.toml migration/
RUN mkdir src entity/src migration/src \
    && touch src/lib.rs entity/src/lib.rs migration/src/lib.rs \
    && echo 'fn main() {}' > src/main.rs \
    && cargo build --release --locked --bin vestibule

# The real sources. They may carry an older date than the stand-ins, by which Cargo would take them for built.
COPY . .
RUN touch src/lib.rs src/main.rs entity/src/lib.rs migration/src/lib.rs \
    && cargo build --release --locked --bin vestibule

FROM debian:bookworm-slim
# Vestibule reads client pages over https and trusts the authorities that the operating system trusts.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
# Without VESTIBULE_DATABASE_URL the database is a file in the working directory: mount a volume there to keep it.
# Nothing is written anywhere else, so the root file system can be read-only.
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin vestibule \
    && install --directory --owner=vestibule --group=vestibule --mode=0700 /var/lib/vestibule
COPY --from=build /build/target/release/vestibule /usr/local/bin/vestibule
COPY LICENSE LICENSE-APACHE LICENSE-MIT NOTICE /usr/share/doc/vestibule/
WORKDIR /var/lib/vestibule
USER vestibule
ENV VESTIBULE_LISTEN=0.0.0.0:8080
EXPOSE 8080
ENTRYPOINT ["vestibule"]
