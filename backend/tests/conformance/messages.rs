//! Messages: appended, edited, deleted.

use super::{Bed, body, client_id, denial, emoji, unknown_message, unknown_room};
use roost::models::message::MessageKind;
use roost::models::{Author, Change, Draft, Message, Metadata, RoomKind, Timestamp};
use roost::store::Denied;
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// A day, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

pub(crate) async fn a_message_gets_its_place_and_is_kept_as_written(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let metadata = json!({"b": [1, null, "ü"], "a": {"deep": true}});
    let draft = Draft {
        client_id: Some(client_id("mine-1")),
        metadata: Metadata::parse(metadata.clone()).unwrap(),
        ..bed.draft(room, ana, "  two\n lines 👋 \u{200d} ")
    };
    let posted = bed.post(draft.clone()).await.unwrap();
    assert!(!posted.duplicate);
    let message = posted.message;
    assert_eq!(message.room_id, room);
    assert_eq!((message.seq, message.rev_seq), (2, 2));
    assert_eq!(message.id.0.get_version_num(), 7);
    let user = bed.somebody(ana).await;
    let author = Author {
        id: ana,
        username: user.username,
        display_name: user.display_name,
        avatar_url: None,
        is_bot: false,
    };
    assert_eq!(message.author, author);
    assert_eq!(message.client_id.as_deref(), Some("mine-1"));
    assert_eq!(message.kind, MessageKind::Text);
    assert_eq!(message.content, draft.body.as_str());
    assert_eq!(message.reply_to, None);
    assert!(message.reactions.is_empty() && message.mentions.is_empty());
    assert_eq!(message.created_at, draft.at);
    assert_eq!((message.edited_at, message.deleted_at), (None, None));
    assert_eq!(Some(&message.metadata), metadata.as_object());
    assert_eq!(bed.see(room, message.id).await, message);

    let membership = bed.membership_of(room, ana).await;
    assert_eq!(membership.last_read_seq, message.seq);
    assert_eq!(membership.last_read_id, Some(message.id));
    let seen = bed.find_room(room, bo).await.unwrap().unwrap();
    assert_eq!(seen.last_activity_at, draft.at);

    let elsewhere = bed.room(&[ana]).await;
    assert_eq!(bed.find_message(elsewhere, message.id).await.unwrap(), None);
    let nothing = bed.find_message(room, unknown_message()).await.unwrap();
    assert_eq!(nothing, None);
}

pub(crate) async fn a_batch_is_stored_in_order_and_what_is_refused_spoils_nothing(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana]).await;
    let other = bed.room(&[bo]).await;
    let archived = bed.archived_room(&[ana]).await;
    let elsewhere = bed.say(other, bo, "hello").await;
    let reply_to = |message, draft| Draft {
        reply_to: Some(message),
        ..draft
    };
    let batch = [
        bed.draft(room, ana, "one"),
        bed.draft(unknown_room(), ana, "nowhere"),
        bed.draft(other, bo, "two"),
        bed.draft(room, bo, "a stranger's"),
        bed.draft(archived, ana, "too late"),
        reply_to(unknown_message(), bed.draft(room, ana, "to nothing")),
        reply_to(elsewhere.id, bed.draft(room, ana, "across")),
        bed.draft(room, ana, "three"),
    ];
    let answers = bed.append(&batch).await.unwrap();
    let told: Vec<_> = answers
        .iter()
        .map(|answer| match answer {
            Ok(posted) => Ok((posted.message.content.as_str(), posted.message.seq)),
            Err(denied) => Err(*denied),
        })
        .collect();
    assert_eq!(
        told,
        [
            Ok(("one", 1)),
            Err(Denied::NoRoom),
            Ok(("two", 2)),
            Err(Denied::NotMember),
            Err(Denied::Archived),
            Err(Denied::NoMessage),
            Err(Denied::NoMessage),
            Ok(("three", 2)),
        ]
    );
    assert_eq!(bed.log(room).await.len(), 2);
    assert_eq!(bed.log(archived).await.len(), 1);
    assert!(bed.append(&[]).await.unwrap().is_empty());
}

pub(crate) async fn an_author_repeats_a_client_id_and_nothing_is_stored_twice(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let elsewhere = bed.room(&[ana]).await;
    let named = |room, author, text: &str| Draft {
        client_id: Some(client_id("same")),
        ..bed.draft(room, author, text)
    };
    let batch = [
        named(room, ana, "first"),
        named(room, ana, "again"),
        named(room, bo, "somebody else's"),
        named(elsewhere, ana, "in another room"),
        bed.draft(room, ana, "without"),
        bed.draft(room, ana, "without"),
    ];
    let answers = bed.append(&batch).await.unwrap();
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    let told: Vec<_> = answers
        .iter()
        .map(|posted| (posted.message.content.as_str(), posted.duplicate))
        .collect();
    assert_eq!(
        told,
        [
            ("first", false),
            ("first", true),
            ("somebody else's", false),
            ("in another room", false),
            ("without", false),
            ("without", false),
        ]
    );
    assert_eq!(answers[0].message, answers[1].message);

    // In a later batch the first message is answered as it then is.
    let first = answers[0].message.id;
    bed.edit_message(room, first, ana, &body("edited"), None, bed.now())
        .await
        .unwrap();
    bed.add_reaction(room, first, bo, &emoji("👍"), bed.now())
        .await
        .unwrap();
    let again = bed.post(named(room, ana, "third")).await.unwrap();
    assert!(again.duplicate);
    assert_eq!(again.message, bed.see(room, first).await);
    assert_eq!(again.message.content, "edited");

    // A repeat moves no marker and answers also where nothing new may be said.
    bed.mark_read(room, ana, first, true).await.unwrap();
    bed.delete_message(room, first, ana, false, bed.now())
        .await
        .unwrap();
    bed.archive_room(room, ana, bed.now()).await.unwrap();
    let again = bed.post(named(room, ana, "fourth")).await.unwrap();
    assert!(again.duplicate);
    assert_eq!(again.message.content, "");
    let marker = bed.membership_of(room, ana).await.last_read_id;
    assert_eq!(marker, Some(first));
    // One member's joining, four messages, four changes of them.
    assert_eq!(bed.heads(&[room]).await.unwrap(), [(room, 9)]);
}

pub(crate) async fn a_client_id_is_remembered_for_a_week_across_months(bed: Bed) {
    let ana = bed.user("ana").await;
    let room = bed.room(&[ana]).await;
    // The last moment of November.
    let november = Timestamp::parse("2026-11-30T23:59:59.999Z").unwrap();
    let named = |at| Draft {
        client_id: Some(client_id("same")),
        at,
        ..bed.draft(room, ana, "once")
    };
    let first = bed.post(named(november)).await.unwrap();
    assert!(!first.duplicate);
    for later in [1, DAY, 7 * DAY] {
        let again = bed.post(named(Timestamp(november.0 + later))).await;
        let again = again.unwrap();
        assert!(again.duplicate);
        assert_eq!(again.message, first.message);
    }
    let batch = [
        named(Timestamp(november.0 + DAY)),
        Draft {
            at: Timestamp(november.0 + DAY),
            ..bed.draft(room, ana, "beside it")
        },
    ];
    let answers = bed.append(&batch).await.unwrap();
    let told = answers.iter().map(|answer| {
        let posted = answer.as_ref().unwrap();
        (posted.message.seq, posted.duplicate)
    });
    assert_eq!(told.collect::<Vec<_>>(), [(1, true), (2, false)]);
    // Much later the same batch holds the old name and a new one, and neither spoils the other.
    let january = Timestamp(november.0 + 60 * DAY);
    bed.maintain(january).await.unwrap();
    let batch = [named(january), bed.draft(room, ana, "new")];
    let answers = bed.append(&batch).await.unwrap();
    assert!(answers.iter().all(Result::is_ok));
}

pub(crate) async fn many_repeats_at_once_store_one_message(bed: Bed) {
    let ana = bed.user("ana").await;
    let room = bed.room(&[ana]).await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..30 {
        let draft = Draft {
            client_id: Some(client_id("same")),
            ..bed.draft(room, ana, &format!("try {n}"))
        };
        let store = bed.share();
        tasks.spawn(async move { store.append(&[draft]).await.unwrap().remove(0).unwrap() });
    }
    let posted = tasks.join_all().await;
    let new = posted.iter().filter(|posted| !posted.duplicate);
    assert_eq!(new.count(), 1);
    assert!(posted.iter().all(|one| one.message == posted[0].message));
    assert_eq!(bed.heads(&[room]).await.unwrap(), [(room, 1)]);
}

pub(crate) async fn a_reply_shows_the_beginning_of_what_it_answers_as_it_now_is(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let long = "ü".repeat(150);
    let answered = bed.say(room, ana, &long).await;
    let draft = Draft {
        reply_to: Some(answered.id),
        ..bed.draft(room, bo, "so long!")
    };
    let reply = bed.post(draft).await.unwrap().message;
    let shown = reply.reply_to.clone().unwrap();
    assert_eq!((shown.id, shown.seq), (answered.id, answered.seq));
    assert_eq!(shown.author, answered.author);
    assert_eq!(shown.excerpt, "ü".repeat(140));

    let excerpt = async || bed.see(room, reply.id).await.reply_to.unwrap().excerpt;
    bed.edit_message(room, answered.id, ana, &body("short"), None, bed.now())
        .await
        .unwrap();
    assert_eq!(excerpt().await, "short");
    bed.delete_message(room, answered.id, ana, false, bed.now())
        .await
        .unwrap();
    assert_eq!(excerpt().await, "");
    // One may still answer what is deleted.
    let draft = Draft {
        reply_to: Some(answered.id),
        ..bed.draft(room, ana, "never mind")
    };
    let late = bed.post(draft).await.unwrap().message;
    assert_eq!(late.reply_to.unwrap().excerpt, "");
}

pub(crate) async fn members_called_by_name_are_mentioned(bed: Bed) {
    let [ana, bo, cleo, dov] = bed.users(["ana", "bo", "cleo", "dov"]).await;
    let room = bed.room(&[ana, bo, cleo]).await;
    let text = "@cleo and @BO, not @dov who is elsewhere, nor @nobody; I am @ana. @cleo!";
    let message = bed.say(room, ana, text).await;
    assert_eq!(
        message.mentions.iter().copied().collect::<HashSet<_>>(),
        HashSet::from([ana, bo, cleo])
    );
    assert_eq!(message.mentions.len(), 3);
    let everyone = bed.say(room, ana, "@all").await;
    assert!(everyone.mentions.is_empty());

    let mentions = async |user| bed.membership_of(room, user).await.mentions;
    assert_eq!((mentions(bo).await, mentions(cleo).await), (2, 2));
    assert_eq!(mentions(ana).await, 0);

    // Who is called by an edit is called, and who no longer is, is not.
    let now = bed.now();
    let entry = bed
        .edit_message(room, message.id, ana, &body("only @cleo"), None, now)
        .await
        .unwrap();
    let Change::MessageUpdated(edited) = entry.change else {
        panic!("{entry:?}");
    };
    assert_eq!(edited.mentions, [cleo]);
    assert_eq!((mentions(bo).await, mentions(cleo).await), (1, 2));
    bed.delete_message(room, everyone.id, ana, false, bed.now())
        .await
        .unwrap();
    assert_eq!((mentions(bo).await, mentions(cleo).await), (0, 1));

    // Coming later calls nobody back.
    bed.add_members(room, &[dov], bed.now()).await.unwrap();
    assert_eq!(mentions(dov).await, 0);
    assert_eq!(bed.see(room, message.id).await.mentions, [cleo]);
}

pub(crate) async fn of_a_batch_each_message_has_what_is_its_own(bed: Bed) {
    let [ana, bo, cleo] = bed.users(["ana", "bo", "cleo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let other = bed.room(&[bo, cleo]).await;
    let here = bed.say(room, ana, "here").await;
    let there = bed.say(other, cleo, "there").await;
    let answer = |to: &Message, draft| Draft {
        reply_to: Some(to.id),
        ..draft
    };
    let plain = bed.draft(other, bo, "plain");
    let batch = [
        answer(&there, bed.draft(other, bo, "I agree")),
        bed.draft(room, bo, "@ana and @cleo"),
        answer(&here, bed.draft(room, bo, "@all and @bo")),
        Draft {
            metadata: Metadata::parse(json!({ "mood": "calm" })).unwrap(),
            ..plain
        },
        bed.draft(room, ana, "@bo"),
    ];
    let answers = bed.append(&batch).await.unwrap();
    let mut made = Vec::new();
    for (answer, draft) in answers.into_iter().zip(&batch) {
        let message = answer.unwrap().message;
        assert_eq!(message, bed.see(draft.room, message.id).await);
        made.push(message);
    }
    let replies = made.iter().map(|it| it.reply_to.as_ref().map(|to| to.id));
    assert_eq!(
        replies.collect::<Vec<_>>(),
        [Some(there.id), None, Some(here.id), None, None]
    );
    let called: Vec<_> = made.iter().map(|it| it.mentions.as_slice()).collect();
    assert_eq!(called, [&[][..], &[ana], &[bo], &[], &[bo]]);
    let authors: Vec<_> = made.iter().map(|it| it.author.id).collect();
    assert_eq!(authors, [bo, bo, bo, bo, ana]);
    // Their own they have read, and what calls them is counted: by name, and with all.
    assert_eq!(bed.membership_of(room, ana).await.mentions, 0);
    assert_eq!(bed.membership_of(room, bo).await.mentions, 1);
    assert_eq!(bed.membership_of(other, cleo).await.mentions, 0);
    assert_eq!(
        bed.membership_of(other, bo).await.last_read_seq,
        made[3].seq
    );
}

pub(crate) async fn an_author_edits_and_everybody_is_told(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let message = bed.say(room, ana, "before").await;
    let now = bed.now();
    let entry = bed
        .edit_message(room, message.id, ana, &body("after"), None, now)
        .await
        .unwrap();
    assert_eq!((entry.room, entry.seq), (room, 3));
    let Change::MessageUpdated(edited) = &entry.change else {
        panic!("{entry:?}");
    };
    assert_eq!(edited.id, message.id);
    assert_eq!((edited.seq, edited.rev_seq), (message.seq, 3));
    assert_eq!(edited.content, "after");
    assert_eq!(edited.created_at, message.created_at);
    assert_eq!(edited.edited_at, Some(now));
    assert_eq!(bed.see(room, message.id).await, **edited);
    let seen = bed.find_room(room, bo).await.unwrap().unwrap();
    assert_eq!(seen.last_activity_at, now);
}

pub(crate) async fn editing_is_denied_to_all_but_the_author_of_a_message_that_is_there(bed: Bed) {
    let [ana, bo, cleo] = bed.users(["ana", "bo", "cleo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let elsewhere = bed.room(&[ana]).await;
    let message = bed.say(room, bo, "mine").await;
    let edit = async |room, message, user| {
        let now = bed.now();
        denial(
            bed.edit_message(room, message, user, &body("x"), None, now)
                .await,
        )
    };
    assert_eq!(edit(unknown_room(), message.id, bo).await, Denied::NoRoom);
    assert_eq!(edit(room, message.id, cleo).await, Denied::NotMember);
    assert_eq!(edit(room, unknown_message(), bo).await, Denied::NoMessage);
    assert_eq!(edit(elsewhere, message.id, ana).await, Denied::NoMessage);
    assert_eq!(edit(room, message.id, ana).await, Denied::NotAuthor);
    bed.delete_message(room, message.id, bo, false, bed.now())
        .await
        .unwrap();
    assert_eq!(edit(room, message.id, bo).await, Denied::NoMessage);
    let kept = bed.say(room, bo, "kept").await;
    bed.archive_room(room, ana, bed.now()).await.unwrap();
    assert_eq!(edit(room, kept.id, bo).await, Denied::Archived);
    assert_eq!(bed.see(room, kept.id).await.content, "kept");
}

pub(crate) async fn what_is_deleted_is_gone_but_for_its_place(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let draft = Draft {
        client_id: Some(client_id("mine")),
        metadata: Metadata::parse(json!({"secret": 1})).unwrap(),
        ..bed.draft(room, bo, "@ana secret")
    };
    let message = bed.post(draft).await.unwrap().message;
    bed.add_reaction(room, message.id, ana, &emoji("😮"), bed.now())
        .await
        .unwrap();
    let now = bed.now();
    let entry = bed
        .delete_message(room, message.id, bo, false, now)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(entry.seq, 4);
    let Change::MessageDeleted(deleted) = &entry.change else {
        panic!("{entry:?}");
    };
    assert_eq!(deleted.id, message.id);
    assert_eq!((deleted.seq, deleted.rev_seq), (message.seq, 4));
    assert_eq!(deleted.author, message.author);
    assert_eq!(deleted.created_at, message.created_at);
    assert_eq!(deleted.deleted_at, Some(now));
    assert_eq!(deleted.content, "");
    assert!(deleted.metadata.is_empty());
    assert!(deleted.mentions.is_empty() && deleted.reactions.is_empty());
    assert_eq!(bed.see(room, message.id).await, **deleted);

    let again = bed
        .delete_message(room, message.id, bo, false, bed.now())
        .await
        .unwrap();
    assert_eq!(again, None);
    assert_eq!(bed.heads(&[room]).await.unwrap(), [(room, 4)]);
}

pub(crate) async fn deleting_others_messages_needs_the_right_to_delete_any(bed: Bed) {
    let [ana, bo, cleo] = bed.users(["ana", "bo", "cleo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let message = bed.say(room, bo, "mine").await;
    let delete = async |room, message, user, any| {
        let now = bed.now();
        bed.delete_message(room, message, user, any, now).await
    };
    let refused = delete(unknown_room(), message.id, bo, true).await;
    assert_eq!(denial(refused), Denied::NoRoom);
    let refused = delete(room, message.id, cleo, true).await;
    assert_eq!(denial(refused), Denied::NotMember);
    let refused = delete(room, unknown_message(), bo, true).await;
    assert_eq!(denial(refused), Denied::NoMessage);
    let refused = delete(room, message.id, ana, false).await;
    assert_eq!(denial(refused), Denied::NotAuthor);
    assert_eq!(bed.see(room, message.id).await.content, "mine");
    assert!(delete(room, message.id, ana, true).await.unwrap().is_some());

    let kept = bed.say(room, bo, "kept").await;
    bed.archive_room(room, ana, bed.now()).await.unwrap();
    let refused = delete(room, kept.id, ana, true).await;
    assert_eq!(denial(refused), Denied::Archived);
}

pub(crate) async fn a_hundred_clients_write_and_every_one_keeps_its_order(bed: Bed) {
    const CLIENTS: usize = 100;
    const EACH: usize = 5;
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana]).await;
    let other = bed
        .room_called("other", RoomKind::Private, &[bo, ana])
        .await;
    let mut tasks = tokio::task::JoinSet::new();
    for client in 0..CLIENTS {
        let drafts: Vec<Vec<Draft>> = (0..EACH)
            .map(|n| {
                let text = format!("{client} {n}");
                vec![bed.draft(room, ana, &text), bed.draft(other, bo, &text)]
            })
            .collect();
        let store = bed.share();
        tasks.spawn(async move {
            for mut batch in drafts {
                // The rooms come in either order; nobody waits for the other for ever.
                if client % 2 == 0 {
                    batch.reverse();
                }
                for answer in store.append(&batch).await.unwrap() {
                    answer.unwrap();
                }
            }
        });
    }
    tasks.join_all().await;

    for (room, first) in [(room, 1), (other, 2)] {
        let log = bed.log(room).await;
        let messages: Vec<_> = log
            .iter()
            .filter_map(|entry| match &entry.change {
                Change::MessageReceived(message) => Some(message),
                _ => None,
            })
            .collect();
        let places: Vec<u64> = messages.iter().map(|message| message.seq).collect();
        let count = u64::try_from(CLIENTS * EACH).unwrap();
        assert_eq!(places, (first..first + count).collect::<Vec<_>>());
        assert!(messages.is_sorted_by(|a, b| a.id < b.id));
        let mut next: HashMap<&str, usize> = HashMap::new();
        for message in messages {
            let (client, n) = message.content.split_once(' ').unwrap();
            let expected = next.entry(client).or_default();
            assert_eq!(n.parse::<usize>().unwrap(), *expected);
            *expected += 1;
        }
        assert_eq!(next.len(), CLIENTS);
    }
}

pub(crate) async fn entries_of_every_kind_share_the_numbers(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let message = bed.say(room, ana, "the one").await.id;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..15 {
        let guest = bed.user(&format!("guest-{n}")).await;
        let now = bed.now();
        let draft = bed.draft(room, bo, "hello");
        let store = bed.share();
        tasks.spawn(async move {
            let put = emoji(&format!("e{n}"));
            store.append(&[draft]).await.unwrap().remove(0).unwrap();
            store.add_members(room, &[guest], now).await.unwrap();
            let text = body(&format!("edit {n}"));
            let edit = store
                .edit_message(room, message, ana, &text, None, now)
                .await;
            let add = store.add_reaction(room, message, guest, &put, now).await;
            let remove = store.remove_reaction(room, message, guest, &put, now).await;
            let leave = store.remove_member(room, guest, ana, now).await;
            let seqs = [
                edit.unwrap().seq,
                add.unwrap().unwrap().seq,
                remove.unwrap().unwrap().seq,
                leave.unwrap()[0].seq,
            ];
            assert!(seqs.is_sorted());
        });
    }
    tasks.join_all().await;
    let log = bed.log(room).await;
    let places: Vec<u64> = log.iter().map(|entry| entry.seq).collect();
    assert_eq!(places, (1..=2 + 15 * 6).collect::<Vec<_>>());
    let message = bed.see(room, message).await;
    assert!(message.reactions.is_empty());
}

pub(crate) async fn ids_ascend_when_the_clock_goes_back(bed: Bed) {
    let ana = bed.user("ana").await;
    let room = bed.room(&[ana]).await;
    let now = bed.now();
    let mut last = None;
    for back in [0, 1, 5000, 60_000] {
        let draft = Draft {
            at: Timestamp(now.0 - back),
            ..bed.draft(room, ana, "tick")
        };
        let message = bed.post(draft).await.unwrap().message;
        assert_eq!(message.created_at, Timestamp(now.0 - back));
        assert!(Some(message.id) > last);
        last = Some(message.id);
    }
}
