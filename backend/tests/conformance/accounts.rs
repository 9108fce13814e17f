//! Accounts.

use super::{Bed, new_session, new_user, unknown_user};
use roost::models::{AccountChange, Actor, DisplayName, Email, Role, Timestamp, UserId, UserPatch};
use roost::store::{PeopleFilter, StoreError, UserFilter};
use serde_json::json;

pub(crate) async fn the_first_account_is_the_owners_and_all_others_are_members(bed: Bed) {
    assert!(!bed.has_users().await.unwrap());
    let ana = bed.user("ana").await;
    assert!(bed.has_users().await.unwrap());
    let bo = bed.user("bo").await;
    assert_eq!(bed.somebody(ana).await.role, Role::Owner);
    assert_eq!(bed.somebody(bo).await.role, Role::Member);
}

pub(crate) async fn of_many_first_accounts_at_once_one_is_the_owners(bed: Bed) {
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..10 {
        let store = bed.share();
        let now = bed.now();
        tasks.spawn(async move {
            let new = new_user(&format!("user-{n}"), now);
            store.register(new, new_session(now)).await.unwrap().role
        });
    }
    let roles = tasks.join_all().await;
    let owners = roles.iter().filter(|role| **role == Role::Owner);
    assert_eq!(owners.count(), 1);
}

pub(crate) async fn a_username_and_an_address_are_taken_once(bed: Bed) {
    bed.user("ana").await;

    let mut same_name = new_user("ana", bed.now());
    same_name.email = None;
    let refused = bed.register(same_name, new_session(bed.now())).await;
    assert!(matches!(refused, Err(StoreError::Taken("username"))));

    let mut same_address = new_user("bo", bed.now());
    same_address.email = Some(Email::parse("ana@example.org").unwrap());
    let session = new_session(bed.now());
    let token = session.token;
    let refused = bed.register(same_address, session).await;
    assert!(matches!(refused, Err(StoreError::Taken("email"))));

    // Nothing of what was refused is there.
    assert!(bed.find_account("bo").await.unwrap().is_none());
    let now = bed.now();
    assert!(bed.find_session(token, now, now).await.unwrap().is_none());

    // Having no address is nothing to take.
    for name in ["cleo", "dov"] {
        let mut no_address = new_user(name, bed.now());
        no_address.email = None;
        bed.register(no_address, new_session(bed.now()))
            .await
            .unwrap();
    }
}

pub(crate) async fn an_account_is_found_by_username_by_address_and_by_id(bed: Bed) {
    let new = new_user("ana", bed.now());
    let made = bed
        .register(new.clone(), new_session(bed.now()))
        .await
        .unwrap();
    assert_eq!(made.id, new.id);
    assert_eq!(made.username, "ana");
    assert_eq!(made.display_name, "ana");
    assert_eq!(made.created_at, new.created_at);
    assert_eq!(made.avatar_url, None);
    assert_eq!(made.last_seen_at, None);
    assert!(!made.is_bot);

    for login in ["ana", "ana@example.org"] {
        let account = bed.find_account(login).await.unwrap().unwrap();
        assert_eq!(account.user, made);
        assert_eq!(account.password_hash, "hash of ana");
    }
    let account = bed.find_account_of(made.id).await.unwrap().unwrap();
    assert_eq!(account.user, made);
    assert_eq!(bed.find_user(made.id).await.unwrap(), Some(made.clone()));
    let me = bed.find_me(made.id).await.unwrap().unwrap();
    assert_eq!(me.user, made);
    assert_eq!(me.email.as_deref(), Some("ana@example.org"));
    assert!(me.settings.is_empty());

    assert!(bed.find_account("an").await.unwrap().is_none());
    let nobody = unknown_user();
    assert!(bed.find_account_of(nobody).await.unwrap().is_none());
    assert!(bed.find_user(nobody).await.unwrap().is_none());
    assert!(bed.find_me(nobody).await.unwrap().is_none());
}

pub(crate) async fn those_who_exist_are_found_together(bed: Bed) {
    let [ana, bo, _] = bed.users(["ana", "bo", "cleo"]).await;
    let mut found = bed.find_users(&[bo, unknown_user(), ana]).await.unwrap();
    found.sort_by(|a, b| a.username.cmp(&b.username));
    let names: Vec<_> = found.iter().map(|user| user.username.as_str()).collect();
    assert_eq!(names, ["ana", "bo"]);
    assert!(bed.find_users(&[]).await.unwrap().is_empty());
}

pub(crate) async fn people_are_listed_by_the_beginning_of_either_name(bed: Bed) {
    let mut zed = new_user("zed", bed.now());
    zed.display_name = DisplayName::parse("Ángela Anders").unwrap();
    bed.register(zed, new_session(bed.now())).await.unwrap();
    let mut yan = new_user("yan", bed.now());
    yan.display_name = DisplayName::parse("Anders").unwrap();
    bed.register(yan, new_session(bed.now())).await.unwrap();
    bed.users(["banan", "ana", "an_na", "anxna"]).await;
    let names = async |query: &str, after: Option<&str>, limit| -> Vec<String> {
        let filter = UserFilter {
            query: query.to_owned(),
            after: after.map(str::to_owned),
            limit,
            ..UserFilter::default()
        };
        let users = bed.list_users(filter).await.unwrap();
        users.into_iter().map(|user| user.username).collect()
    };

    assert_eq!(
        names("", None, 50).await,
        ["an_na", "ana", "anxna", "banan", "yan", "zed"]
    );
    assert_eq!(
        names("AN", None, 50).await,
        ["an_na", "ana", "anxna", "yan"]
    );
    // What stands for other characters in a pattern stands for itself here.
    assert_eq!(names("an_", None, 50).await, ["an_na"]);
    assert!(names("%", None, 50).await.is_empty());
    assert!(names("\\", None, 50).await.is_empty());
    assert_eq!(names("áng", None, 50).await, ["zed"]);

    assert_eq!(names("", None, 2).await, ["an_na", "ana"]);
    assert_eq!(names("", Some("ana"), 2).await, ["anxna", "banan"]);
    assert_eq!(names("an", Some("anxna"), 2).await, ["yan"]);
    assert!(names("", Some("zed"), 2).await.is_empty());
}

pub(crate) async fn only_who_can_log_in_is_listed_and_only_those_asked_for(bed: Bed) {
    let [ana, bo, cleo, _] = bed.users(["ana", "bo", "cleo", "dov"]).await;
    let listed = async |among: Option<&[UserId]>| -> Vec<String> {
        let filter = UserFilter {
            among: among.map(<[UserId]>::to_vec),
            limit: 50,
            ..UserFilter::default()
        };
        let users = bed.list_users(filter).await.unwrap();
        users.into_iter().map(|user| user.username).collect()
    };
    let change = async |deactivated| {
        let change = AccountChange {
            role: None,
            deactivated: Some(deactivated),
        };
        let by = Actor {
            user: ana,
            at: bed.now(),
            request_id: None,
            address: None,
        };
        bed.change_account(bo, change, by).await.unwrap();
    };
    assert_eq!(
        listed(Some(&[cleo, bo, unknown_user()])).await,
        ["bo", "cleo"]
    );
    assert!(listed(Some(&[])).await.is_empty());
    change(true).await;
    assert_eq!(listed(None).await, ["ana", "cleo", "dov"]);
    assert_eq!(listed(Some(&[cleo, bo])).await, ["cleo"]);
    assert!(bed.somebody(bo).await.deactivated, "found by id");
    assert!(!bed.somebody(ana).await.deactivated);
    change(false).await;
    assert_eq!(listed(None).await, ["ana", "bo", "cleo", "dov"]);
}

pub(crate) async fn who_hides_when_they_were_last_seen_shows_it_to_nobody_but_themselves(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let room = bed.room(&[ana, bo]).await;
    let visible = async |visible| {
        let patch = UserPatch {
            last_seen_visible: Some(visible),
            ..UserPatch::default()
        };
        bed.update_user(bo, patch).await.unwrap().unwrap()
    };
    let told = async || {
        let user = bed.somebody(bo).await;
        let [fact] = bed
            .find_members(room, &[bo])
            .await
            .unwrap()
            .try_into()
            .unwrap();
        assert_eq!(fact.user, user, "in rooms as everywhere");
        (user.last_seen_at, user.last_seen_visible)
    };
    let at = bed.now();
    bed.saw_users(&[(ana, at), (bo, at)]).await.unwrap();
    assert_eq!(told().await, (Some(at), true), "unless they say otherwise");

    let me = visible(false).await;
    assert_eq!(
        (me.last_seen_visible, me.user.last_seen_at),
        (false, Some(at))
    );
    assert_eq!(told().await, (None, false));
    // It is kept all the same, for whoever runs the server.
    let later = Timestamp(at.0 + 1);
    bed.saw_users(&[(bo, later)]).await.unwrap();
    let filter = PeopleFilter {
        query: "bo".to_owned(),
        limit: 1,
        ..PeopleFilter::default()
    };
    let people = bed.list_people(filter, bed.now()).await.unwrap();
    assert_eq!(people[0].user.last_seen_at, Some(later));
    assert_eq!(told().await, (None, false));
    assert_eq!(
        bed.somebody(ana).await.last_seen_at,
        Some(at),
        "others as before"
    );

    // Another wish leaves this one alone.
    let me = bed.update_user(bo, UserPatch::default()).await.unwrap();
    assert!(!me.unwrap().last_seen_visible);
    let me = visible(true).await;
    assert_eq!(bed.find_me(bo).await.unwrap(), Some(me));
    assert_eq!(told().await, (Some(later), true));
}

pub(crate) async fn somebody_changes_what_they_say_about_themselves(bed: Bed) {
    let [ana, _] = bed.users(["ana", "bo"]).await;
    let settings = json!({"theme": "dark", "order": [1, 2]});
    let patch = UserPatch {
        display_name: Some(DisplayName::parse("Ana Ruiz").unwrap()),
        email: Some(None),
        avatar_url: Some(Some("/a.png".to_owned())),
        last_seen_visible: Some(false),
        settings: settings.as_object().cloned(),
    };
    let me = bed.update_user(ana, patch).await.unwrap().unwrap();
    assert_eq!(me.user.display_name, "Ana Ruiz");
    assert_eq!(me.user.username, "ana");
    assert_eq!(me.user.avatar_url.as_deref(), Some("/a.png"));
    assert_eq!(me.email, None);
    assert!(!me.last_seen_visible);
    assert_eq!(Some(&me.settings), settings.as_object());
    assert_eq!(bed.find_me(ana).await.unwrap(), Some(me.clone()));

    let same = bed.update_user(ana, UserPatch::default()).await.unwrap();
    assert_eq!(same, Some(me));

    // The address is free for others now, and one in use is not.
    let address = |text| UserPatch {
        email: Some(Some(Email::parse(text).unwrap())),
        ..UserPatch::default()
    };
    let refused = bed.update_user(ana, address("bo@example.org")).await;
    assert!(matches!(refused, Err(StoreError::Taken("email"))));
    let mut cleo = new_user("cleo", bed.now());
    cleo.email = Some(Email::parse("ana@example.org").unwrap());
    bed.register(cleo, new_session(bed.now())).await.unwrap();

    let nobody = bed
        .update_user(unknown_user(), UserPatch::default())
        .await
        .unwrap();
    assert!(nobody.is_none());
}

pub(crate) async fn when_somebody_was_last_seen_never_moves_back(bed: Bed) {
    let [ana, bo] = bed.users(["ana", "bo"]).await;
    let at = bed.now();
    bed.saw_users(&[(ana, at), (bo, at), (unknown_user(), at)])
        .await
        .unwrap();
    bed.saw_users(&[(ana, Timestamp(at.0 - 1)), (bo, Timestamp(at.0 + 1))])
        .await
        .unwrap();
    assert_eq!(bed.somebody(ana).await.last_seen_at, Some(at));
    assert_eq!(
        bed.somebody(bo).await.last_seen_at,
        Some(Timestamp(at.0 + 1))
    );
    bed.saw_users(&[]).await.unwrap();
}
