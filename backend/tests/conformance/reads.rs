//! How far people have read.

use super::{Bed, denial, unknown_message, unknown_room};
use roost::store::Denied;

pub(crate) async fn others_messages_count_until_they_are_read(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let first = bed.say(room, ana, "one").await;
    let second = bed.say(room, ana, "@bo two").await;
    bed.say(room, ana, "@all three").await;
    let counts = async |user| {
        let membership = bed.membership_of(room, user).await;
        (membership.unread, membership.mentions)
    };
    assert_eq!(counts(bo).await, (3, 2));
    assert_eq!(counts(ana).await, (0, 0));

    let (membership, moved) = bed.mark_read(room, bo, second.id, false).await.unwrap();
    assert!(moved);
    assert_eq!(membership.last_read_seq, second.seq);
    assert_eq!(membership.last_read_id, Some(second.id));
    assert_eq!((membership.unread, membership.mentions), (1, 1));
    assert_eq!(bed.membership_of(room, bo).await, membership);

    // Backwards only by force.
    let (same, moved) = bed.mark_read(room, bo, first.id, false).await.unwrap();
    assert_eq!((&same, moved), (&membership, false));
    let (same, moved) = bed.mark_read(room, bo, second.id, true).await.unwrap();
    assert_eq!((&same, moved), (&membership, false));
    let (back, moved) = bed.mark_read(room, bo, first.id, true).await.unwrap();
    assert!(moved);
    assert_eq!((back.unread, back.mentions), (2, 2));

    // One's own marker moves with what one says, and one's own words never count.
    bed.say(room, bo, "@bo @all me").await;
    assert_eq!(counts(bo).await, (0, 0));
    assert_eq!(counts(ana).await, (1, 1));
    bed.mark_read(room, bo, first.id, true).await.unwrap();
    assert_eq!(counts(bo).await, (2, 2));

    bed.delete_message(room, second.id, ana, false, bed.now())
        .await
        .unwrap();
    assert_eq!(counts(bo).await, (1, 1));
}

pub(crate) async fn counts_stop_at_a_hundred(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let mut ids = Vec::new();
    for n in 0..120 {
        let text = if n % 2 == 0 { "@bo" } else { "@all" };
        ids.push(bed.say(room, ana, text).await.id);
    }
    let membership = bed.membership_of(room, bo).await;
    assert_eq!((membership.unread, membership.mentions), (100, 100));
    let (membership, _) = bed.mark_read(room, bo, ids[19], false).await.unwrap();
    assert_eq!((membership.unread, membership.mentions), (100, 100));
    let (membership, _) = bed.mark_read(room, bo, ids[20], false).await.unwrap();
    assert_eq!((membership.unread, membership.mentions), (99, 99));
}

pub(crate) async fn marking_needs_a_membership_and_a_message_of_the_room(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana]).await;
    let elsewhere = bed.room(&[ana, bo]).await;
    let message = bed.say(room, ana, "hello").await.id;
    let mark = async |room, user, message| {
        let marked = bed.mark_read(room, user, message, true).await;
        denial(marked)
    };
    assert_eq!(mark(room, bo, message).await, Denied::NotMember);
    assert_eq!(mark(unknown_room(), ana, message).await, Denied::NotMember);
    assert_eq!(mark(room, ana, unknown_message()).await, Denied::NoMessage);
    assert_eq!(mark(elsewhere, bo, message).await, Denied::NoMessage);
    assert!(bed.find_membership(room, bo).await.unwrap().is_none());

    // In an archived room one still reads.
    bed.say(elsewhere, ana, "first").await;
    let last = bed.say(elsewhere, ana, "last").await.id;
    bed.archive_room(elsewhere, ana, bed.now()).await.unwrap();
    let (membership, moved) = bed.mark_read(elsewhere, bo, last, false).await.unwrap();
    assert!(moved);
    assert_eq!(membership.unread, 0);
}
