//! Reading a room's log.

use super::{Bed, body, denial, emoji, seqs, unknown_message, unknown_room};
use roost::models::{Change, Entry, MemberRole, Message, RoomName, RoomPatch, Timestamp};
use roost::store::{Anchor, Denied, Feed, Joining, MessagePage};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) async fn pages_begin_and_end_where_they_say(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana]).await;
    let mut all = Vec::new();
    for n in 0..10 {
        all.push(bed.say(room, ana, &format!("{n}")).await);
    }
    // What is no message fills no page.
    bed.add_members(room, &[bo], bed.now()).await.unwrap();
    let id = |n: usize| all[n].id;
    // The numbers on the page, and whether there are more before and after.
    let page = async |anchor, limit| -> (String, bool, bool) {
        let page = bed.page(room, anchor, limit).await.unwrap();
        assert_eq!(page.last_seq, 11);
        let texts = page.messages.iter().map(|one| one.content.as_str());
        (texts.collect(), page.has_before, page.has_after)
    };
    let told = |texts: &str, before, after| (texts.to_owned(), before, after);

    assert_eq!(page(Anchor::Newest, 3).await, told("789", true, false));
    let everything = told("0123456789", false, false);
    assert_eq!(page(Anchor::Newest, 10).await, everything);
    let before = Anchor::Before;
    assert_eq!(page(before(id(7)), 3).await, told("456", true, true));
    assert_eq!(page(before(id(3)), 3).await, told("012", false, true));
    assert_eq!(page(before(id(0)), 3).await, told("", false, true));
    let after = Anchor::After;
    assert_eq!(page(after(id(2)), 3).await, told("345", true, true));
    assert_eq!(page(after(id(6)), 3).await, told("789", true, false));
    assert_eq!(page(after(id(9)), 3).await, told("", true, false));
    let around = Anchor::Around;
    assert_eq!(page(around(id(5)), 4).await, told("3456", true, true));
    assert_eq!(page(around(id(5)), 5).await, told("34567", true, true));
    assert_eq!(page(around(id(5)), 1).await, told("5", true, true));
    assert_eq!(page(around(id(9)), 4).await, told("789", true, false));
    assert_eq!(page(around(id(2)), 4).await, told("0123", false, true));
    let at = |n: usize, shift| Anchor::At(Timestamp(all[n].created_at.0 + shift));
    assert_eq!(page(at(5, 0), 4).await, told("3456", true, true));
    assert_eq!(page(at(5, -1), 4).await, told("3456", true, true));
    assert_eq!(page(at(4, 1), 4).await, told("3456", true, true));
    assert_eq!(page(at(9, 0), 4).await, told("789", true, false));
    assert_eq!(page(at(9, 1), 3).await, told("789", true, false));
    let (first, ..) = page(Anchor::At(Timestamp(0)), 3).await;
    assert!(first.starts_with("01"));

    let messages = bed.page(room, Anchor::Newest, 10).await.unwrap().messages;
    assert_eq!(messages, all);
}

pub(crate) async fn a_page_of_an_empty_room_is_empty(bed: Bed) {
    let ana = bed.user("ana").await;
    let room = bed.room(&[ana]).await;
    let empty = MessagePage {
        messages: Vec::new(),
        last_seq: 0,
        has_before: false,
        has_after: false,
    };
    for anchor in [Anchor::Newest, Anchor::At(bed.now())] {
        assert_eq!(bed.page(room, anchor, 10).await.unwrap(), empty);
    }
}

pub(crate) async fn a_page_needs_a_room_and_an_anchor_in_it(bed: Bed) {
    let ana = bed.user("ana").await;
    let room = bed.room(&[ana]).await;
    let other = bed.room(&[ana]).await;
    let elsewhere = bed.say(other, ana, "elsewhere").await.id;
    let nowhere = bed.page(unknown_room(), Anchor::Newest, 5).await;
    assert_eq!(denial(nowhere), Denied::NoRoom);
    for message in [elsewhere, unknown_message()] {
        for anchor in [
            Anchor::Before(message),
            Anchor::After(message),
            Anchor::Around(message),
        ] {
            let refused = bed.page(room, anchor, 5).await;
            assert_eq!(denial(refused), Denied::NoMessage);
        }
    }
}

pub(crate) async fn pages_hold_messages_as_they_now_are(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let edited = bed.say(room, ana, "before").await.id;
    let deleted = bed.say(room, bo, "secret").await.id;
    let now = bed.now();
    bed.edit_message(room, edited, ana, &body("after"), None, now)
        .await
        .unwrap();
    bed.delete_message(room, deleted, bo, false, now)
        .await
        .unwrap();
    bed.add_reaction(room, edited, bo, &emoji("👍"), now)
        .await
        .unwrap();
    let page = bed.page(room, Anchor::Newest, 5).await.unwrap();
    let expected = [bed.see(room, edited).await, bed.see(room, deleted).await];
    assert_eq!(page.messages, expected);
    assert_eq!(page.messages[0].reactions[0].user_ids, [bo]);
}

pub(crate) async fn changes_are_everything_after_a_place_without_a_gap(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana]).await;
    let message = bed.say(room, ana, "before").await.id;
    let thumb = emoji("👍");
    let rename = RoomPatch {
        name: Some(RoomName::parse("Attic").unwrap()),
        topic: None,
    };
    bed.add_members(room, &[bo], bed.now()).await.unwrap();
    bed.edit_message(room, message, ana, &body("after"), None, bed.now())
        .await
        .unwrap();
    bed.add_reaction(room, message, bo, &thumb, bed.now())
        .await
        .unwrap();
    bed.remove_reaction(room, message, bo, &thumb, bed.now())
        .await
        .unwrap();
    bed.set_member_role(room, bo, MemberRole::Admin, bed.now())
        .await
        .unwrap();
    bed.update_room(room, bo, rename, bed.now()).await.unwrap();
    bed.remove_member(room, bo, ana, bed.now()).await.unwrap();
    bed.delete_message(room, message, ana, false, bed.now())
        .await
        .unwrap();
    bed.archive_room(room, ana, bed.now()).await.unwrap();

    let log = bed.log(room).await;
    let kinds: Vec<_> = log
        .iter()
        .map(|entry| match &entry.change {
            Change::MessageReceived(_) => "received",
            Change::MessageUpdated(_) => "updated",
            Change::MessageDeleted(_) => "deleted",
            Change::ReactionAdded { .. } => "added",
            Change::ReactionRemoved { .. } => "removed",
            Change::MemberAdded(_) => "joined",
            Change::MemberChanged(_) => "changed",
            Change::MemberRemoved { .. } => "left",
            Change::RoomUpdated(_) => "renamed",
            Change::RoomArchived(_) => "archived",
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "received", "joined", "updated", "added", "removed", "changed", "renamed", "left",
            "deleted", "archived"
        ]
    );
    assert_eq!(seqs(&log), (1..=10).collect::<Vec<_>>());

    // All is shown as of now: a text that is gone is told nowhere.
    let now = bed.see(room, message).await;
    assert_eq!(now.rev_seq, 9);
    for entry in &log {
        match &entry.change {
            Change::MessageReceived(shown)
            | Change::MessageUpdated(shown)
            | Change::MessageDeleted(shown) => assert_eq!(**shown, now),
            Change::RoomUpdated(shown) | Change::RoomArchived(shown) => {
                assert_eq!(shown.name.as_deref(), Some("Attic"));
                assert!(shown.archived_at.is_some());
                assert_eq!((shown.member_count, shown.last_seq), (1, 10));
                assert!(shown.membership.is_none() && shown.last_message.is_none());
            }
            Change::MemberAdded(shown) | Change::MemberChanged(shown) => {
                assert_eq!(shown.user, bed.somebody(bo).await);
            }
            _ => {}
        }
    }

    let part = bed.changes(room, 4, 3).await.unwrap();
    assert_eq!(part.last_seq, 10);
    assert_eq!(part.entries, log[4..7]);
    let end = bed.changes(room, 8, 100).await.unwrap();
    assert_eq!(end.entries, log[8..]);
    for since in [10, 11, 1_000_000] {
        let nothing = bed.changes(room, since, 100).await.unwrap();
        assert!(nothing.entries.is_empty());
        assert_eq!(nothing.last_seq, 10);
    }
    let nowhere = bed.changes(unknown_room(), 0, 10).await;
    assert_eq!(denial(nowhere), Denied::NoRoom);
}

pub(crate) async fn a_long_log_is_read_in_parts_and_from_anywhere(bed: Bed) {
    const LENGTH: u64 = 1300;
    let ana = bed.user("ana").await;
    let room = bed.room(&[ana]).await;
    let mut said = 0;
    let mut first = None;
    while bed.heads(&[room]).await.unwrap()[0].1 < LENGTH {
        let batch: Vec<_> = (0..100)
            .map(|n| bed.draft(room, ana, &format!("{}", said + n)))
            .collect();
        said += 100;
        for answer in bed.append(&batch).await.unwrap() {
            first.get_or_insert(answer.unwrap().message.id);
        }
        // Entries that are no messages lie between.
        let (message, now) = (first.unwrap(), bed.now());
        bed.edit_message(room, message, ana, &body(&format!("{now}")), None, now)
            .await
            .unwrap();
    }
    let (_, head) = bed.heads(&[room]).await.unwrap()[0];
    let mut log: Vec<Entry> = Vec::new();
    while let Some(next) = {
        let since = log.last().map_or(0, |entry| entry.seq);
        let part = bed.changes(room, since, 333).await.unwrap().entries;
        (!part.is_empty()).then_some(part)
    } {
        log.extend(next);
    }
    assert_eq!(seqs(&log), (1..=head).collect::<Vec<_>>());
    for since in [0, 1, 511, 512, 513, 1023, 1024, 1025, head - 1] {
        let part = bed.changes(room, since, 5).await.unwrap().entries;
        let from = usize::try_from(since).unwrap();
        assert_eq!(part, log[from..log.len().min(from + 5)]);
    }
}

pub(crate) async fn joining_reads_the_room_and_its_log_in_one_moment(bed: Bed) {
    let [ana, bo, cleo] = bed.users(["ana", "bo", "cleo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let mut messages: Vec<Message> = Vec::new();
    for n in 0..9 {
        messages.push(bed.say(room, ana, &format!("{n}")).await);
    }
    let join =
        async |since, behind, limit| bed.snapshot(room, bo, since, behind, limit).await.unwrap();
    let newest = async |since, behind, limit| -> (Vec<Message>, bool) {
        match join(since, behind, limit).await.feed {
            Feed::Newest {
                messages,
                has_before,
            } => (messages, has_before),
            other => panic!("{other:?}"),
        }
    };
    let changes = async |since, behind| -> Vec<u64> {
        match join(Some(since), behind, 3).await.feed {
            Feed::Changes(entries) => seqs(&entries),
            other => panic!("{other:?}"),
        }
    };

    let seen = join(None, 100, 3).await.room;
    assert_eq!(seen.last_seq, 10);
    assert_eq!(seen.last_message, None);
    assert_eq!(
        seen.membership,
        bed.find_membership(room, bo).await.unwrap()
    );
    assert_eq!(seen.member_count, 2);

    let last_three = (messages[6..].to_vec(), true);
    assert_eq!(newest(None, 100, 3).await, last_three);
    assert_eq!(newest(None, 100, 50).await, (messages.clone(), false));
    assert_eq!(changes(8, 100).await, [9, 10]);
    assert!(changes(10, 100).await.is_empty());
    assert_eq!(changes(6, 4).await, [7, 8, 9, 10]);
    // Too far back, and beyond the end.
    assert_eq!(newest(Some(5), 4, 3).await, last_three);
    assert_eq!(newest(Some(11), 100, 3).await, last_three);

    let stranger = bed.snapshot(room, cleo, None, 100, 3).await;
    assert_eq!(denial(stranger), Denied::NotMember);
    let nowhere = bed.snapshot(unknown_room(), bo, None, 100, 3).await;
    assert_eq!(denial(nowhere), Denied::NoRoom);
}

pub(crate) async fn who_joins_together_is_answered_in_that_order(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let [hers, theirs] = [bed.room(&[ana]).await, bed.room(&[ana, bo]).await];
    for n in 0..4 {
        bed.say(hers, ana, &format!("{n}")).await;
        bed.say(theirs, bo, &format!("{n}")).await;
    }
    let read = bed.say(theirs, ana, "read up to here").await;
    bed.mark_read(theirs, bo, read.id, false).await.unwrap();
    bed.say(theirs, ana, "@bo and one more").await;
    let joining = |room, viewer, since| Joining {
        room,
        viewer,
        since,
        behind: 100,
        messages: 3,
        at_hand: false,
    };
    let asked = [
        joining(theirs, bo, Some(5)),
        joining(hers, bo, None),
        joining(theirs, ana, Some(5)),
        joining(unknown_room(), ana, None),
        joining(hers, ana, None),
        joining(theirs, bo, None),
        joining(theirs, bo, Some(5)),
    ];
    let together = bed.snapshots(&asked).await.unwrap();
    assert_eq!(together.len(), asked.len());
    for (one, found) in asked.iter().zip(&together) {
        let alone = bed.snapshots(&[*one]).await.unwrap().remove(0);
        assert_eq!(format!("{found:?}"), format!("{alone:?}"));
    }
    let unread = |at: usize| {
        let membership = together[at].as_ref().unwrap().room.membership.clone();
        membership.map(|membership| (membership.unread, membership.mentions))
    };
    assert_eq!((unread(0), unread(2)), (Some((1, 1)), Some((0, 0))));
    let members = &together[0].as_ref().unwrap().members;
    let names: Vec<_> = members.iter().map(|fact| &*fact.user.username).collect();
    assert_eq!(names, ["ana", "bo"]);
    let known = Joining {
        at_hand: true,
        ..asked[0]
    };
    let known = bed.snapshots(&[known]).await.unwrap().remove(0).unwrap();
    assert!(matches!(known.feed, Feed::AtHand));
    assert_eq!(known.room, together[0].as_ref().unwrap().room);
    assert_eq!(together[1].as_ref().unwrap_err(), &Denied::NotMember);
    assert_eq!(together[3].as_ref().unwrap_err(), &Denied::NoRoom);
}

pub(crate) async fn a_forgotten_part_of_the_log_is_said_to_be_so(bed: Bed) {
    let ana = bed.user("ana").await;
    let room = bed.room(&[ana]).await;
    for n in 0..6 {
        bed.say(room, ana, &format!("{n}")).await;
    }
    bed.keeper().forget_before(room, 4).await;
    for since in [0, 2] {
        let refused = bed.changes(room, since, 10).await;
        assert_eq!(denial(refused), Denied::Forgotten);
        let joined = bed.snapshot(room, ana, Some(since), 100, 10).await;
        assert!(matches!(joined.unwrap().feed, Feed::Newest { .. }));
    }
    let kept = bed.changes(room, 3, 10).await.unwrap();
    assert_eq!(seqs(&kept.entries), [4, 5, 6]);
}

pub(crate) async fn heads_are_told_of_rooms_that_exist(bed: Bed) {
    let ana = bed.user("ana").await;
    let (quiet, busy) = (bed.room(&[ana]).await, bed.room(&[ana]).await);
    bed.say(busy, ana, "one").await;
    bed.say(busy, ana, "two").await;
    let mut heads = bed.heads(&[busy, unknown_room(), quiet]).await.unwrap();
    heads.sort_unstable_by_key(|(_, seq)| *seq);
    assert_eq!(heads, [(quiet, 0), (busy, 2)]);
    assert!(bed.heads(&[]).await.unwrap().is_empty());
}

pub(crate) async fn what_is_read_while_others_write_is_of_one_moment(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let marked = bed.say(room, ana, "the first").await;
    bed.mark_read(room, bo, marked.id, false).await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let drafts: Vec<_> = (0..300)
        .map(|n| bed.draft(room, ana, &format!("{n}")))
        .collect();
    let (store, finished) = (bed.share(), Arc::clone(&done));
    let mut writer = tokio::task::JoinSet::new();
    writer.spawn(async move {
        for batch in drafts.chunks(3) {
            store.append(batch).await.unwrap();
        }
        finished.store(true, Ordering::Release);
    });

    let mut last = 0;
    loop {
        let over = done.load(Ordering::Acquire);
        let join = bed.snapshot(room, bo, Some(marked.seq), 1000, 10).await;
        let join = join.unwrap();
        let Feed::Changes(entries) = join.feed else {
            panic!("{join:?}");
        };
        let head = join.room.last_seq;
        assert_eq!(seqs(&entries), (marked.seq + 1..=head).collect::<Vec<_>>());
        let unread = (head - marked.seq).min(100);
        assert_eq!(u64::from(join.room.membership.unwrap().unread), unread);
        // A batch is there whole or not at all.
        assert_eq!((head - marked.seq) % 3, 0);
        assert!(head >= last);
        last = head;

        let page = bed.page(room, Anchor::Newest, 10).await.unwrap();
        assert_eq!(page.messages.last().unwrap().seq, page.last_seq);
        let changes = bed.changes(room, head, 1000).await.unwrap();
        let newest = changes.entries.last().map_or(head, |entry| entry.seq);
        assert_eq!(newest, changes.last_seq);
        if over {
            break;
        }
    }
    writer.join_all().await;
    assert_eq!(last, marked.seq + 300);
}
