//! The same scenes, played with our router and with Crossbar.io, message by message.
//!
//! - [`scene`]: what a scene is written like, and what each part of it means.
//! - [`play`]: plays one, and tells where something else was heard than what is written.
//! - [`calls`], [`endings`], [`sharing`], [`events`], [`meta`], [`sessions`]: the scenes.
//!
//! Where the two differ, the scene says both: what the specification wants, which is what ours must do, and what Crossbar.io does. A scene
//! that says nothing of it is one where they agree. So a change of either is noticed.

mod calls;
mod endings;
mod events;
mod meta;
mod play;
mod scene;
mod sessions;
mod sharing;

use std::net::SocketAddr;

use wamp_tests::crossbar::Crossbar;
use wamp_tests::router::Router;

use crate::play::play;
use crate::scene::{Scene, Side};

/// All of them.
fn scenes() -> impl Iterator<Item = &'static Scene> {
    [
        calls::SCENES,
        endings::SCENES,
        sharing::SCENES,
        events::SCENES,
        meta::SCENES,
        sessions::SCENES,
    ]
    .into_iter()
    .flatten()
}

#[tokio::test]
async fn our_router_does_what_the_specification_wants() {
    let router = Router::start().await;
    play_all(router.address(), Side::Specification).await;
}

#[tokio::test]
async fn crossbar_does_what_is_said_of_it() {
    if let Some(crossbar) = Crossbar::start().await {
        play_all(crossbar.address(), Side::Crossbar).await;
    }
}

async fn play_all(address: SocketAddr, side: Side) {
    let mut failures = Vec::new();
    for (number, scene) in scenes().enumerate() {
        if let Err(why) = play(scene, number, address, side).await {
            failures.push(format!("{}: {why}", scene.name));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
