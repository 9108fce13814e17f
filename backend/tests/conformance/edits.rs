//! Edits: which text they write over, and which they do not.

use super::{Bed, body, denial, emoji};
use roost::models::Timestamp;
use roost::store::Denied;
use std::collections::HashSet;

pub(crate) async fn an_edit_that_expects_another_text_than_there_is_changes_nothing(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let message = bed.say(room, ana, "as it was").await.id;
    let edit = async |text, expected| {
        let now = bed.now();
        bed.edit_message(room, message, ana, &body(text), expected, now)
            .await
    };
    let edited_at = async || bed.see(room, message).await.edited_at;
    assert_eq!(
        denial(edit("for @bo", Some(Some(bed.now()))).await),
        Denied::Overtaken
    );
    edit("first", Some(None)).await.unwrap();
    let first = edited_at().await;
    assert_eq!(denial(edit("for @bo", Some(None)).await), Denied::Overtaken);
    assert_eq!(bed.see(room, message).await.content, "first");
    assert_eq!(bed.membership_of(room, bo).await.mentions, 0);
    assert_eq!(bed.changes(room, 0, 10).await.unwrap().last_seq, 3);

    // Only edits overtake one another: a reaction is no other text.
    bed.add_reaction(room, message, bo, &emoji("👍"), bed.now())
        .await
        .unwrap();
    edit("second", Some(first)).await.unwrap();
    // It comes again because its answer was lost.
    edit("second", Some(first)).await.unwrap();
    assert_eq!(bed.see(room, message).await.content, "second");
    assert_eq!(denial(edit("third", Some(first)).await), Denied::Overtaken);
    edit("third", None).await.unwrap();
    assert_eq!(bed.see(room, message).await.content, "third");
}

pub(crate) async fn of_edits_that_cross_one_is_stored(bed: Bed) {
    let [ana] = bed.users(["ana"]).await;
    let room = bed.room(&[ana]).await;
    let message = bed.say(room, ana, "as it was").await.id;
    let now = bed.now();
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..8 {
        let store = bed.share();
        tasks.spawn(async move {
            let text = body(&format!("edit {n}"));
            let edit = store.edit_message(room, message, ana, &text, Some(None), now);
            edit.await
        });
    }
    let edits = tasks.join_all().await;
    let (stored, refused): (Vec<_>, Vec<_>) = edits.into_iter().partition(Result::is_ok);
    assert_eq!((stored.len(), refused.len()), (1, 7));
    for refused in refused {
        assert_eq!(denial(refused), Denied::Overtaken);
    }
}

pub(crate) async fn edits_of_one_moment_are_told_apart(bed: Bed) {
    let [ana] = bed.users(["ana"]).await;
    let room = bed.room(&[ana]).await;
    let message = bed.say(room, ana, "as it was").await.id;
    let now = bed.now();
    let mut moments = HashSet::new();
    // A clock may also be set back.
    for (text, at) in [
        ("first", now),
        ("second", now),
        ("third", Timestamp(now.0 - 1)),
    ] {
        bed.edit_message(room, message, ana, &body(text), None, at)
            .await
            .unwrap();
        moments.insert(bed.see(room, message).await.edited_at);
    }
    assert_eq!(moments.len(), 3);
}
