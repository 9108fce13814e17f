//! Rooms.

use super::{Bed, NOON, denial, filter, new_room, unknown_room, unknown_user};
use roost::models::{Change, MemberRole, Notify, RoomId, RoomKind, RoomName, RoomPatch, RoomTopic};
use roost::store::{Denied, RoomFilter};
use uuid::Uuid;

pub(crate) async fn a_new_room_has_its_maker_as_owner_and_an_empty_log(bed: Bed) {
    let ana = bed.user("ana").await;
    let mut new = new_room("Kitchen", RoomKind::Private, bed.now());
    new.topic = RoomTopic::parse("what to eat").unwrap();
    let room = bed.create_room(new.clone(), ana).await.unwrap();
    assert_eq!(room.id, new.id);
    assert_eq!(room.kind, RoomKind::Private);
    assert_eq!(room.name.as_deref(), Some("Kitchen"));
    assert_eq!(room.topic.as_deref(), Some("what to eat"));
    assert_eq!(room.owner_id, Some(ana));
    assert_eq!(room.member_count, 1);
    assert_eq!(room.last_seq, 0);
    assert_eq!(room.last_activity_at, new.created_at);
    assert_eq!(room.created_at, new.created_at);
    assert_eq!(room.archived_at, None);
    assert!(room.people.is_empty());
    assert_eq!(room.last_message, None);
    let membership = room.membership.clone().unwrap();
    assert_eq!(membership.role, MemberRole::Owner);
    assert_eq!(membership.joined_at, new.created_at);
    assert_eq!(membership.last_read_seq, 0);
    assert_eq!(membership.last_read_id, None);
    assert_eq!((membership.unread, membership.mentions), (0, 0));
    assert_eq!(membership.notify, Notify::All);
    assert_eq!(membership.muted_until, None);

    assert_eq!(
        bed.find_room(room.id, ana).await.unwrap(),
        Some(room.clone())
    );
    assert!(bed.log(room.id).await.is_empty());
    assert_eq!(bed.heads(&[room.id]).await.unwrap(), [(room.id, 0)]);
}

pub(crate) async fn a_room_is_seen_with_ones_own_membership_and_the_last_message(bed: Bed) {
    let [ana, bo, cleo] = bed.users(["ana", "bo", "cleo"]).await;
    let room = bed.room(&[ana, bo]).await;
    bed.say(room, ana, "first").await;
    let last = bed.say(room, ana, "@bo last").await;

    let seen = bed.find_room(room, bo).await.unwrap().unwrap();
    assert_eq!(seen.last_message.as_deref(), Some(&last));
    assert_eq!(seen.last_seq, last.seq);
    assert_eq!(seen.last_activity_at, last.created_at);
    assert_eq!(seen.member_count, 2);
    let membership = seen.membership.unwrap();
    assert_eq!(membership.role, MemberRole::Member);
    assert_eq!((membership.unread, membership.mentions), (2, 1));

    let seen = bed.find_room(room, cleo).await.unwrap().unwrap();
    assert_eq!(seen.membership, None);
    assert!(bed.find_room(unknown_room(), ana).await.unwrap().is_none());
}

pub(crate) async fn what_one_may_do_is_found_for_members_and_strangers(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room_called("den", RoomKind::Private, &[ana]).await;
    let mine = bed.find_access(room, ana).await.unwrap().unwrap();
    assert_eq!(mine.kind, RoomKind::Private);
    assert!(!mine.archived);
    assert_eq!(mine.member_count, 1);
    assert_eq!(mine.role, Some(MemberRole::Owner));
    let counts = bed.member_counts(&[unknown_room(), room]).await.unwrap();
    assert_eq!(counts, [(room, 1)]);
    bed.archive_room(room, ana, bed.now()).await.unwrap();
    let theirs = bed.find_access(room, bo).await.unwrap().unwrap();
    assert!(theirs.archived);
    assert_eq!(theirs.role, None);
    assert!(
        bed.find_access(unknown_room(), ana)
            .await
            .unwrap()
            .is_none()
    );
}

pub(crate) async fn a_direct_room_is_found_by_exactly_its_people(bed: Bed) {
    let [ana, bo, cleo] = bed.users(["ana", "bo", "cleo"]).await;
    let open = async |caller, people: &[_]| {
        let id = RoomId(Uuid::new_v4());
        let now = bed.now();
        bed.open_direct(id, caller, people, now)
            .await
            .unwrap()
            .unwrap()
    };
    let (room, made) = open(bo, &[bo, ana]).await;
    assert!(made);
    assert_eq!(room.kind, RoomKind::Direct);
    assert_eq!(room.name, None);
    assert_eq!(room.owner_id, None);
    assert_eq!(room.member_count, 2);
    assert_eq!(room.last_seq, 0);
    let names: Vec<_> = room.people.iter().map(|one| &one.username).collect();
    assert_eq!(names, ["ana", "bo"]);
    let membership = room.membership.clone().unwrap();
    assert_eq!(membership.role, MemberRole::Member);

    let (again, made) = open(ana, &[ana, bo]).await;
    assert!(!made);
    assert_eq!(again.id, room.id);
    let (other, made) = open(ana, &[ana, bo, cleo]).await;
    assert!(made && other.id != room.id);

    let id = RoomId(Uuid::new_v4());
    let nobody = bed
        .open_direct(id, ana, &[ana, unknown_user()], bed.now())
        .await
        .unwrap();
    assert!(nobody.is_none());
    assert!(bed.find_access(id, ana).await.unwrap().is_none());
}

pub(crate) async fn many_callers_at_once_get_the_same_direct_room(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..20 {
        let store = bed.share();
        let now = bed.now();
        let (caller, people) = if n % 2 == 0 {
            (ana, [ana, bo])
        } else {
            (bo, [bo, ana])
        };
        tasks.spawn(async move {
            let id = RoomId(Uuid::new_v4());
            let opened = store.open_direct(id, caller, &people, now).await;
            let (room, made) = opened.unwrap().unwrap();
            (room.id, made)
        });
    }
    let opened = tasks.join_all().await;
    assert!(opened.iter().all(|(room, _)| *room == opened[0].0));
    assert_eq!(opened.iter().filter(|(_, made)| *made).count(), 1);
    let hers = bed.belongings_of(ana, bed.now()).await.unwrap();
    assert_eq!(hers.rooms, [opened[0].0]);
}

pub(crate) async fn one_lists_public_rooms_and_ones_own(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let hers = bed.room_called("Hers", RoomKind::Public, &[ana]).await;
    let secret = bed.room_called("Secret", RoomKind::Private, &[ana]).await;
    let shared = bed
        .room_called("Shared 100%_x", RoomKind::Private, &[ana, bo])
        .await;
    let (direct, _) = bed
        .open_direct(RoomId(Uuid::new_v4()), bo, &[ana, bo], bed.now())
        .await
        .unwrap()
        .unwrap();
    let list = async |viewer, filter: RoomFilter| -> Vec<RoomId> {
        let page = bed.list_rooms(viewer, filter).await.unwrap();
        assert!(page.next.is_none());
        page.rooms.into_iter().map(|room| room.id).collect()
    };

    assert_eq!(list(ana, filter()).await, [direct.id, shared, secret, hers]);
    assert_eq!(list(bo, filter()).await, [direct.id, shared, hers]);
    let joined = RoomFilter {
        joined: true,
        ..filter()
    };
    assert_eq!(list(bo, joined).await, [direct.id, shared]);
    let of_kind = |kind| RoomFilter {
        kind: Some(kind),
        ..filter()
    };
    assert_eq!(list(bo, of_kind(RoomKind::Direct)).await, [direct.id]);
    assert_eq!(list(bo, of_kind(RoomKind::Private)).await, [shared]);
    let called = |query: &str| RoomFilter {
        query: query.to_owned(),
        ..filter()
    };
    assert_eq!(list(ana, called("HAR")).await, [shared]);
    assert_eq!(list(ana, called("%_")).await, [shared]);
    assert!(list(ana, called("s_c")).await.is_empty());
    assert_eq!(list(ana, called("SECRET")).await, [secret]);
    assert!(list(bo, called("SECRET")).await.is_empty());

    // Activity brings a room to the top.
    bed.say(hers, ana, "hello").await;
    let page = bed.list_rooms(bo, filter()).await.unwrap();
    assert_eq!(page.rooms[0].id, hers);
    assert_eq!(page.rooms[0].membership, None);
    let newest = page.rooms[0].last_message.as_deref().unwrap();
    assert_eq!(newest.content, "hello");
    assert_eq!(page.rooms[1].people.len(), 2);
    assert!(page.rooms[1].membership.is_some());
}

pub(crate) async fn pages_of_rooms_hold_each_room_once(bed: Bed) {
    let ana = bed.user("ana").await;
    let mut made = Vec::new();
    for n in 0..7 {
        // All at the same moment: the id decides.
        let room = new_room(&format!("room {n}"), RoomKind::Public, NOON);
        made.push(bed.create_room(room, ana).await.unwrap().id);
    }
    made.sort_unstable();
    made.reverse();
    for joined in [false, true] {
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = RoomFilter {
                joined,
                after,
                limit: 3,
                ..filter()
            };
            let page = bed.list_rooms(ana, page).await.unwrap();
            seen.extend(page.rooms.iter().map(|room| room.id));
            let Some(next) = page.next else {
                break;
            };
            assert_eq!(page.rooms.len(), 3);
            after = Some(next);
        }
        assert_eq!(seen, made);
    }
}

pub(crate) async fn renaming_is_told_and_renaming_to_the_same_is_not(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana]).await;
    let patch = |name: Option<&str>, topic: Option<&str>| RoomPatch {
        name: name.map(|name| RoomName::parse(name).unwrap()),
        topic: topic.map(|topic| RoomTopic::parse(topic).unwrap()),
    };
    let now = bed.now();
    let entry = bed
        .update_room(room, ana, patch(Some("Attic"), Some("dust")), now)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((entry.room, entry.seq), (room, 1));
    let Change::RoomUpdated(told) = &entry.change else {
        panic!("{entry:?}");
    };
    assert_eq!(told.name.as_deref(), Some("Attic"));
    assert_eq!(told.topic.as_deref(), Some("dust"));
    assert_eq!(told.last_seq, 1);
    assert_eq!(told.last_activity_at, now);
    assert_eq!(told.owner_id, Some(ana));
    assert!(told.membership.is_none() && told.last_message.is_none());
    assert_eq!(bed.log(room).await, [entry]);

    let same = patch(Some("Attic"), None);
    let nothing = bed.update_room(room, ana, same, bed.now()).await.unwrap();
    assert_eq!(nothing, None);
    let topic_off = patch(None, Some(""));
    let entry = bed
        .update_room(room, ana, topic_off, bed.now())
        .await
        .unwrap();
    assert_eq!(entry.unwrap().seq, 2);
    let seen = bed.find_room(room, ana).await.unwrap().unwrap();
    assert_eq!((seen.name.as_deref(), seen.topic), (Some("Attic"), None));

    let rename = async |room, user| {
        let new = patch(Some("Other"), None);
        denial(bed.update_room(room, user, new, bed.now()).await)
    };
    assert_eq!(rename(unknown_room(), ana).await, Denied::NoRoom);
    assert_eq!(rename(room, bo).await, Denied::NotMember);
    bed.archive_room(room, ana, bed.now()).await.unwrap();
    assert_eq!(rename(room, ana).await, Denied::Archived);
}

pub(crate) async fn a_room_is_archived_once(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana]).await;
    let now = bed.now();
    let stranger = bed.archive_room(room, bo, now).await;
    assert_eq!(denial(stranger), Denied::NotMember);
    let nowhere = bed.archive_room(unknown_room(), ana, now).await;
    assert_eq!(denial(nowhere), Denied::NoRoom);

    let entry = bed.archive_room(room, ana, now).await.unwrap().unwrap();
    assert_eq!(entry.seq, 1);
    let Change::RoomArchived(told) = &entry.change else {
        panic!("{entry:?}");
    };
    assert_eq!(told.archived_at, Some(now));
    assert!(told.membership.is_none() && told.last_message.is_none());
    assert_eq!(bed.log(room).await, [entry]);
    let again = bed.archive_room(room, ana, bed.now()).await.unwrap();
    assert_eq!(again, None);
    let seen = bed.find_room(room, ana).await.unwrap().unwrap();
    assert_eq!(seen.archived_at, Some(now));
    assert_eq!(seen.last_seq, 1);
}
