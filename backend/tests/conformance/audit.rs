//! Flaws are found where they are, and nowhere else.

use super::plants::plants;
use super::{Bed, body, client_id, emoji};
use roost::models::{Draft, MemberRole, MessageId, RoomId, RoomKind, RoomName, RoomPatch, UserId};
use roost::store::StoreError;
use roost::store::audit::{Extent, Flaw};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

/// The room in which everything has happened, in SQL.
macro_rules! lobby {
    () => {
        "(SELECT id FROM rooms WHERE name = 'lobby')"
    };
}
pub(super) use lobby;

/// Messages that fill the lobby beyond its first mark.
const FILLERS: usize = 510;

/// A lobby in which everything has happened, a room that is archived, and a direct one.
async fn history(bed: &Bed) -> (RoomId, UserId) {
    let [ana, bo, cleo] = bed.users(["ana", "bo", "cleo"]).await;
    bed.user("dov").await;
    let lobby = bed.room(&[ana, bo, cleo]).await;
    let first = bed.say(lobby, ana, "first").await.id;
    let named = Draft {
        client_id: Some(client_id("a name")),
        ..bed.draft(lobby, bo, "named")
    };
    bed.post(named).await.unwrap();
    let reply = Draft {
        reply_to: Some(first),
        ..bed.draft(lobby, cleo, "reply")
    };
    bed.post(reply).await.unwrap();
    bed.say(lobby, ana, "hello @bo and @all").await;
    let edited = bed.say(lobby, bo, "before @ana").await.id;
    bed.edit_message(lobby, edited, bo, &body("after @cleo"), None, bed.now())
        .await
        .unwrap();
    let secret = bed.say(lobby, ana, "secret @bo").await.id;
    react(bed, lobby, secret, bo).await;
    for gone in [secret, bed.say(lobby, bo, "gone").await.id] {
        bed.delete_message(lobby, gone, ana, true, bed.now())
            .await
            .unwrap();
    }
    react(bed, lobby, first, bo).await;
    react(bed, lobby, first, cleo).await;
    bed.remove_reaction(lobby, first, cleo, &emoji("👍"), bed.now())
        .await
        .unwrap();
    bed.remove_member(lobby, cleo, ana, bed.now())
        .await
        .unwrap();
    rename(bed, lobby, ana, "hall").await;
    bed.add_members(lobby, &[cleo], bed.now()).await.unwrap();
    bed.set_member_role(lobby, bo, MemberRole::Admin, bed.now())
        .await
        .unwrap();
    let fillers: Vec<Draft> = (0..FILLERS)
        .map(|n| bed.draft(lobby, ana, &format!("filler {n}")))
        .collect();
    bed.append(&fillers).await.unwrap();
    bed.mark_read(lobby, cleo, first, true).await.unwrap();
    bed.say(lobby, bo, "last").await;
    rename(bed, lobby, ana, "lobby").await;

    let old = bed.room_called("old", RoomKind::Private, &[bo]).await;
    bed.archive_room(old, bo, bed.now()).await.unwrap();
    let id = RoomId(Uuid::new_v4());
    let people = [ana, bo];
    let direct = bed.open_direct(id, ana, &people, bed.now()).await.unwrap();
    bed.say(direct.unwrap().0.id, bo, "between us").await;
    (lobby, ana)
}

async fn react(bed: &Bed, room: RoomId, message: MessageId, user: UserId) {
    bed.add_reaction(room, message, user, &emoji("👍"), bed.now())
        .await
        .unwrap();
}

async fn rename(bed: &Bed, room: RoomId, by: UserId, name: &str) {
    let patch = RoomPatch {
        name: Some(RoomName::parse(name).unwrap()),
        topic: None,
    };
    bed.update_room(room, by, patch, bed.now()).await.unwrap();
}

pub(crate) async fn everything_there_is_was_looked_at(bed: Bed) {
    let empty = bed.keeper().audit().await.unwrap();
    assert!(empty.is_sound());
    assert_eq!(empty.checked, Extent::default());
    let (lobby, _) = history(&bed).await;
    let (_, head) = bed.heads(&[lobby]).await.unwrap()[0];
    let messages = 7 + 510 + 1 + 1;
    let report = bed.keeper().audit().await.unwrap();
    let expected = Extent {
        rooms: 3,
        messages,
        // All but one message are in the lobby, and one change is not.
        changes: head - (messages - 1) + 1,
        memberships: 3 + 1 + 2,
        users: 4,
    };
    assert_eq!(report.checked, expected);
}

pub(crate) async fn each_flaw_is_found_where_it_was_planted_and_no_other(bed: Bed) {
    history(&bed).await;
    bed.close().await;
    for &flaw in Flaw::ALL {
        for &(sqlite, postgres) in plants(flaw) {
            let copy = bed.keeper().copy().await;
            if !copy.spoil(sqlite, postgres).await {
                continue;
            }
            let planted = (sqlite, postgres);
            let report = copy.audit().await.unwrap();
            let found: Vec<&Flaw> = report.totals.keys().collect();
            assert_eq!(found, [&flaw], "{planted:?}: {:#?}", report.findings);
            assert!(report.total() <= 4, "{planted:?}: {:#?}", report.findings);
        }
    }
}

pub(crate) async fn what_retention_cuts_away_is_no_flaw(bed: Bed) {
    history(&bed).await;
    bed.close().await;
    for cut in [
        "UPDATE room_heads SET min_seq = 400 WHERE last_seq > 400;
         DELETE FROM reactions;
         DELETE FROM mentions
         WHERE seq < 400 AND room_id IN (SELECT room_id FROM room_heads WHERE min_seq = 400);
         DELETE FROM messages
         WHERE seq < 400 AND room_id IN (SELECT room_id FROM room_heads WHERE min_seq = 400);
         DELETE FROM room_changes
         WHERE seq < 400 AND room_id IN (SELECT room_id FROM room_heads WHERE min_seq = 400);",
        // Only said, and not done yet.
        "UPDATE room_heads SET min_seq = 20 WHERE last_seq > 400",
        // All of it.
        "UPDATE room_heads SET min_seq = last_seq + 1;
         DELETE FROM reactions;
         DELETE FROM mentions;
         DELETE FROM messages;
         DELETE FROM room_changes;",
    ] {
        let copy = bed.keeper().copy().await;
        copy.spoil(Some(cut), Some(cut)).await;
        copy.expect_sound().await;
    }
}

pub(crate) async fn nothing_looks_wrong_while_others_write(bed: Bed) {
    let (lobby, ana) = history(&bed).await;
    let done = Arc::new(AtomicBool::new(false));
    let drafts: Vec<_> = (0..600)
        .map(|n| bed.draft(lobby, ana, &format!("{n} @all")))
        .collect();
    let (store, finished) = (bed.share(), Arc::clone(&done));
    let mut writer = tokio::task::JoinSet::new();
    writer.spawn(async move {
        for batch in drafts.chunks(3) {
            store.append(batch).await.unwrap();
        }
        finished.store(true, Ordering::Release);
    });
    while !done.load(Ordering::Acquire) {
        bed.keeper().expect_sound().await;
    }
    writer.join_all().await;
}

pub(crate) async fn a_database_of_another_version_is_not_looked_at(bed: Bed) {
    bed.close().await;
    let newer = bed.keeper().copy().await;
    newer
        .spoil(
            Some("PRAGMA user_version = 1000"),
            Some(
                "INSERT INTO _sqlx_migrations (version, description, success, checksum,
                                               execution_time)
                 VALUES (1000, 'later', true, '', 0)",
            ),
        )
        .await;
    let older = bed.keeper().copy().await;
    older
        .spoil(
            Some("PRAGMA user_version = 1"),
            Some("DELETE FROM _sqlx_migrations WHERE version > 1"),
        )
        .await;
    for (copy, number) in [(newer, 1000), (older, 1)] {
        let Err(StoreError::Unavailable(sentence)) = copy.audit().await else {
            panic!("there is nothing to be said about schema {number}");
        };
        let said = format!("another version of this program: its schema has the number {number}");
        assert!(sentence.contains(&said), "{sentence}");
    }
}
