//! Emoji on messages.

use super::{Bed, denial, emoji, unknown_message, unknown_room};
use roost::models::{Change, Reaction};
use roost::store::Denied;

pub(crate) async fn reactions_are_shown_oldest_first_and_each_once(bed: Bed) {
    let [ana, bo, cleo] = bed.users(["ana", "bo", "cleo"]).await;
    let room = bed.room(&[ana, bo, cleo]).await;
    let message = bed.say(room, ana, "well?").await;
    let add = async |user, text: &str| {
        let (put, now) = (emoji(text), bed.now());
        bed.add_reaction(room, message.id, user, &put, now)
            .await
            .unwrap()
    };
    let entry = add(cleo, "🎉").await.unwrap();
    assert_eq!(entry.seq, 4);
    assert_eq!(
        entry.change,
        Change::ReactionAdded {
            message: message.id,
            emoji: "🎉".to_owned(),
            user: cleo,
        }
    );
    assert_eq!(bed.see(room, message.id).await.rev_seq, 4);
    add(bo, "👍").await.unwrap();
    add(ana, "🎉").await.unwrap();
    assert_eq!(add(cleo, "🎉").await, None);
    let reaction = |emoji: &str, user_ids: &[_]| Reaction {
        emoji: emoji.to_owned(),
        count: u64::try_from(user_ids.len()).unwrap(),
        user_ids: user_ids.to_vec(),
    };
    assert_eq!(
        bed.see(room, message.id).await.reactions,
        [reaction("🎉", &[cleo, ana]), reaction("👍", &[bo])]
    );

    let take = async |user, text: &str| {
        let (taken, now) = (emoji(text), bed.now());
        bed.remove_reaction(room, message.id, user, &taken, now)
            .await
            .unwrap()
    };
    let entry = take(cleo, "🎉").await.unwrap();
    assert_eq!(entry.seq, 7);
    assert_eq!(
        entry.change,
        Change::ReactionRemoved {
            message: message.id,
            emoji: "🎉".to_owned(),
            user: cleo,
        }
    );
    assert_eq!(take(cleo, "🎉").await, None);
    assert_eq!(take(bo, "🎉").await, None);
    let seen = bed.see(room, message.id).await;
    assert_eq!(seen.rev_seq, 7);
    // Among those left, Bo's came before Ana's.
    assert_eq!(
        seen.reactions,
        [reaction("👍", &[bo]), reaction("🎉", &[ana])]
    );
    assert_eq!(bed.heads(&[room]).await.unwrap(), [(room, 7)]);
}

pub(crate) async fn of_many_people_the_first_fifty_are_named(bed: Bed) {
    let ana = bed.user("ana").await;
    let room = bed.room(&[ana]).await;
    let message = bed.say(room, ana, "all of you").await;
    let mut people = Vec::new();
    for n in 0..Reaction::NAMED + 3 {
        let user = bed.user(&format!("user-{n}")).await;
        bed.add_members(room, &[user], bed.now()).await.unwrap();
        bed.add_reaction(room, message.id, user, &emoji("✋"), bed.now())
            .await
            .unwrap();
        people.push(user);
    }
    let reactions = bed.see(room, message.id).await.reactions;
    assert_eq!(reactions.len(), 1);
    assert_eq!(reactions[0].count, 53);
    assert_eq!(reactions[0].user_ids, people[..Reaction::NAMED]);
}

pub(crate) async fn there_is_a_bound_on_different_emoji(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let message = bed.say(room, ana, "everything").await.id;
    for n in 0..Reaction::KINDS {
        let put = emoji(&format!(":{n}:"));
        bed.add_reaction(room, message, ana, &put, bed.now())
            .await
            .unwrap()
            .unwrap();
    }
    let add = async |user, text: &str| {
        let (put, now) = (emoji(text), bed.now());
        bed.add_reaction(room, message, user, &put, now).await
    };
    assert_eq!(denial(add(bo, ":more:").await), Denied::TooMany);
    assert!(add(bo, ":7:").await.unwrap().is_some());
    assert!(add(ana, ":7:").await.unwrap().is_none());
    let first = emoji(":0:");
    bed.remove_reaction(room, message, ana, &first, bed.now())
        .await
        .unwrap();
    assert!(add(bo, ":more:").await.unwrap().is_some());
}

pub(crate) async fn reacting_is_denied_without_room_membership_or_message(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana]).await;
    let elsewhere = bed.room(&[ana]).await;
    let message = bed.say(room, ana, "hello").await.id;
    let deleted = bed.say(room, ana, "oops").await.id;
    bed.delete_message(room, deleted, ana, false, bed.now())
        .await
        .unwrap();
    let ok = emoji("👌");
    let add = async |room, message, user| {
        let now = bed.now();
        denial(bed.add_reaction(room, message, user, &ok, now).await)
    };
    let remove = async |room, message, user| {
        let now = bed.now();
        denial(bed.remove_reaction(room, message, user, &ok, now).await)
    };
    assert_eq!(add(unknown_room(), message, ana).await, Denied::NoRoom);
    assert_eq!(remove(unknown_room(), message, ana).await, Denied::NoRoom);
    assert_eq!(add(room, message, bo).await, Denied::NotMember);
    assert_eq!(remove(room, message, bo).await, Denied::NotMember);
    assert_eq!(add(room, unknown_message(), ana).await, Denied::NoMessage);
    assert_eq!(
        remove(room, unknown_message(), ana).await,
        Denied::NoMessage
    );
    assert_eq!(add(elsewhere, message, ana).await, Denied::NoMessage);
    assert_eq!(remove(elsewhere, message, ana).await, Denied::NoMessage);
    assert_eq!(add(room, deleted, ana).await, Denied::NoMessage);
    bed.archive_room(room, ana, bed.now()).await.unwrap();
    assert_eq!(add(room, message, ana).await, Denied::Archived);
    assert_eq!(remove(room, message, ana).await, Denied::Archived);
}
