//! The store as a whole.

use super::{Bed, NOON, body, emoji};
use roost::store::{StoreError, UserFilter};
use std::time::Duration;

pub(crate) async fn a_store_opened_again_has_everything_and_the_same_epoch(mut bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let first = bed.say(room, ana, "@bo hello").await;
    let second = bed.say(room, bo, "gone soon").await;
    bed.edit_message(room, first.id, ana, &body("@bo hi"), None, bed.now())
        .await
        .unwrap();
    bed.delete_message(room, second.id, bo, false, bed.now())
        .await
        .unwrap();
    bed.add_reaction(room, first.id, bo, &emoji("👋"), bed.now())
        .await
        .unwrap();
    let epoch = bed.epoch().await.unwrap();
    assert!(!epoch.is_empty());
    let log = bed.log(room).await;
    let seen = bed.find_room(room, ana).await.unwrap();
    let everybody = UserFilter {
        limit: 10,
        ..UserFilter::default()
    };
    let people = bed.list_users(everybody.clone()).await.unwrap();

    bed.reopen().await;
    bed.ping().await.unwrap();
    assert_eq!(bed.epoch().await.unwrap(), epoch);
    assert_eq!(bed.log(room).await, log);
    assert_eq!(bed.find_room(room, ana).await.unwrap(), seen);
    assert_eq!(bed.list_users(everybody).await.unwrap(), people);
    let next = bed.say(room, ana, "and on it goes").await;
    assert_eq!(next.seq, log.last().unwrap().seq + 1);
    assert!(next.id > first.id);
}

pub(crate) async fn how_busy_a_store_is_can_be_seen(bed: Bed) {
    let before = bed.load();
    assert!(before.most > 0);
    assert!(before.busy + before.idle <= before.most, "{before:?}");
    if let Some(until) = before.prepared_until {
        assert!(until > NOON, "the months ahead have their partitions");
        let minute = Duration::from_mins(1);
        bed.maintain(NOON.plus(minute)).await.unwrap();
        assert_eq!(bed.load().prepared_until, Some(until.plus(minute)));
    }
    // Reads go on until one was seen.
    let reading = async {
        loop {
            bed.has_users().await.unwrap();
        }
    };
    let seen = async {
        while bed.load().busy == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = reading => {}
        () = seen => {}
    }
}

pub(crate) async fn how_large_a_store_is_can_be_asked(bed: Bed) {
    let before = bed.size().await.unwrap();
    assert!(before.bytes > 0);
    // The disk of PostgreSQL is another machine's.
    let seen = cfg!(unix) && bed.name() == "sqlite";
    assert_eq!(before.free_bytes.is_some_and(|free| free > 0), seen);
    let ana = bed.user("ana").await;
    let room = bed.room(&[ana]).await;
    for _ in 0..64 {
        bed.say(room, ana, &"x".repeat(4000)).await;
    }
    assert!(bed.size().await.unwrap().bytes > before.bytes);
}

pub(crate) async fn a_closed_store_says_that_it_is_unavailable(bed: Bed) {
    let ana = bed.user("ana").await;
    let room = bed.room(&[ana]).await;
    bed.close().await;
    bed.close().await;
    assert!(matches!(bed.ping().await, Err(StoreError::Unavailable(_))));
    let read = bed.find_user(ana).await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))));
    let draft = bed.draft(room, ana, "too late");
    let write = bed.append(&[draft]).await;
    assert!(matches!(write, Err(StoreError::Unavailable(_))));
}
