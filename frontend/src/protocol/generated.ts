// Generated from docs/protocol/openapi.json by `npm run codegen`. Do not edit.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Something an operator did to somebody, written down in the transaction that did it. */
        Act: {
            after?: Record<string, never> | null;
            before?: Record<string, never> | null;
        } & {
            action: components["schemas"]["Action"];
            /** @description Who did it, as they are now. */
            actor: components["schemas"]["User"];
            /** @description The address the request came from. */
            address?: string | null;
            at: components["schemas"]["Timestamp"];
            id: components["schemas"]["ActId"];
            /** @description By which the log tells of the request. */
            requestId?: string | null;
            target: components["schemas"]["Target"];
        };
        /**
         * Format: uuid
         * @description Something an operator did. Of version 7: they ascend with time.
         */
        ActId: string;
        /**
         * @description What an operator did.
         * @enum {string}
         */
        Action: "user.role_changed" | "user.deactivated" | "user.reactivated" | "session.revoked" | "sessions.revoked";
        /** @description What operators did, newest first. */
        Acts: {
            entries: components["schemas"]["Act"][];
            /** @description What to give as `before` for the next page. */
            nextCursor?: string | null;
        };
        /** @description `POST /api/rooms/{roomId}/members`: without `userIds` the caller joins a public room. */
        AddMembers: {
            /**
             * @description 1 to 200 people.
             * @default null
             */
            userIds?: string[] | null;
        };
        /**
         * @description A room, as operators see it: how large and how old it is, and nothing that was said there. A
         *     direct room has no name.
         */
        AdminRoom: {
            archivedAt?: components["schemas"]["Timestamp"] | null;
            createdAt: components["schemas"]["Timestamp"];
            /**
             * Format: int64
             * @description The place of the newest entry of its log, which is how many there were.
             */
            entries: number;
            id: components["schemas"]["RoomId"];
            kind: components["schemas"]["RoomKind"];
            lastActivityAt: components["schemas"]["Timestamp"];
            /** Format: int64 */
            memberCount: number;
            name?: string | null;
        };
        /** @description Rooms, in the order asked for. */
        AdminRooms: {
            nextCursor?: string | null;
            rooms: components["schemas"]["AdminRoom"][];
        };
        /** @description Somebody, as operators see them. */
        AdminUser: components["schemas"]["User"] & {
            deactivatedAt?: components["schemas"]["Timestamp"] | null;
            email?: string | null;
            /**
             * Format: int64
             * @description Logins that are not past their end.
             */
            sessions: number;
        };
        /** @description People, by username. */
        AdminUsers: {
            nextCursor?: string | null;
            users: components["schemas"]["AdminUser"][];
        };
        /** @description What a stranger at the door may know. */
        AtTheDoor: {
            /** @description While false, the account that is made next is the server's owner's. */
            hasOwner: boolean;
            /** @description Whether strangers may make themselves an account. */
            registration: components["schemas"]["Registering"];
        };
        /** @description Who wrote a message, as of now. */
        Author: {
            avatarUrl?: string | null;
            displayName: string;
            id: components["schemas"]["UserId"];
            isBot: boolean;
            username: string;
        };
        /**
         * @description `[i]` is how many took at most 2^i microseconds, and more than half of that. Zeros at the end are
         *     left out.
         */
        Buckets: number[];
        /** @description `POST /api/auth/password` */
        ChangePassword: {
            current: string;
            /** @description 8 to 256 characters. */
            new: string;
        };
        /** @description A piece of a room's log. */
        Changes: {
            changes: components["schemas"]["LogEntry"][];
            epoch: string;
            /** Format: int64 */
            lastSeq: number;
            /** @description Whether there is more after the last of these. */
            more: boolean;
        };
        /**
         * @description `degraded` is still 200: without Redis every server works, slower, and taking all of them out
         *     would be worse. `unavailable` and `draining`, which is what a server is from the moment it was
         *     asked to stop, are 503.
         * @enum {string}
         */
        Condition: "ready" | "degraded" | "unavailable" | "draining";
        /** @description The `data` of a `connect_error`. */
        ConnectRefused: {
            code: components["schemas"]["ErrorCode"];
            message: string;
        };
        /** @description Open connections, by how they are connected. */
        Connections: {
            /** Format: int64 */
            polling: number;
            /** Format: int64 */
            websocket: number;
        };
        /** @description `POST /api/rooms`: a room with a name, or the direct room of the caller and `userIds`. */
        CreateRoom: {
            kind: components["schemas"]["RoomKind"];
            /** @description 1 to 80 characters; needed unless direct. */
            name?: string | null;
            /** @description At most 500 characters. */
            topic?: string | null;
            /** @description For a direct room: the other people, 1 to 19. */
            userIds?: string[] | null;
        };
        /** @description `delete_message` */
        DeleteMessage: {
            messageId: string;
            roomId: string;
        };
        /**
         * @description Whether it answers.
         * @enum {string}
         */
        Dependency: "ready" | "unavailable";
        /**
         * @description What an edit says: the body of `PATCH /api/rooms/{roomId}/messages/{messageId}` and, with `roomId`
         *     and `messageId`, the payload of `edit_message`.
         */
        EditMessage: {
            /** @description 1 to 10,000 characters, not all of them white space. */
            content: string;
            expectedEditedAt?: components["schemas"]["Timestamp"] | null;
        };
        /** @description `edit_message` */
        EditMessageIn: components["schemas"]["EditMessage"] & {
            messageId: string;
            roomId: string;
        };
        /** @description The answer to `edit_message`. */
        Edited: {
            message: components["schemas"]["Message"];
        };
        /**
         * @description The stable word for what went wrong. Programs decide by it; people read the message.
         * @enum {string}
         */
        ErrorCode: "bad_request" | "unauthorized" | "forbidden" | "not_found" | "method_not_allowed" | "conflict" | "gone" | "too_large" | "unsupported_media" | "invalid" | "rate_limited" | "internal" | "unavailable";
        /** @description The message answered: its first 140 characters, as of now; empty once deleted. */
        Excerpt: {
            author: components["schemas"]["Author"];
            excerpt: string;
            id: components["schemas"]["MessageId"];
            /** Format: int64 */
            seq: number;
        };
        /** @description What was heard of one node. */
        HeardFrom: {
            /** Format: int64 */
            bytes: number;
            nodeId: components["schemas"]["NodeId"];
            /** Format: int64 */
            words: number;
        };
        /** @description What was heard of each. */
        HeardOthers: components["schemas"]["HeardFrom"][];
        /** @description `user_joined`, `user_left`: somebody follows the room, or no longer does. */
        Here: {
            at: components["schemas"]["Timestamp"];
            roomId: components["schemas"]["RoomId"];
            user: components["schemas"]["User"];
        };
        /** @description `leave_room`, `start_typing`, `stop_typing` */
        InRoom: {
            roomId: string;
        };
        /** @description `join_room` */
        JoinRoom: {
            epoch?: string | null;
            /**
             * Format: int64
             * @description Messages of the newest page: 1 to 200, default 50.
             */
            limit?: number | null;
            roomId: string;
            /**
             * Format: int64
             * @description The last place of the log the client has.
             */
            since?: number | null;
        };
        /**
         * @description The answer to `join_room`, and one room of the answer to `resume`. Either `changes` (all that
         *     happened after `since`), or `messages` (the newest page). The next live entry is `lastSeq + 1`.
         */
        JoinedRoom: {
            changes?: components["schemas"]["LogEntry"][] | null;
            /** @description Which history this is; give it back with `since`. */
            epoch: string;
            hasBefore?: boolean | null;
            /** Format: int64 */
            lastSeq: number;
            /** @description At most 100, those online first. */
            members: components["schemas"]["Member"][];
            messages?: components["schemas"]["Message"][] | null;
            /** @description Present when the client gave `since`: `true` means that what it has is not continued here. */
            reset?: boolean | null;
            room: components["schemas"]["Room"];
        };
        /** @description A log entry as it stands in `changes`: what would arrive live as `event` with `data`. */
        LogEntry: components["schemas"]["LogEvent"] & {
            /** Format: int64 */
            seq: number;
        };
        /** @description What happened in a room's log. Each is also a live event of that name. */
        LogEvent: {
            data: components["schemas"]["Message"];
            /** @enum {string} */
            event: "message_received";
        } | {
            data: components["schemas"]["MessageChanged"];
            /** @enum {string} */
            event: "message_updated";
        } | {
            data: components["schemas"]["MessageChanged"];
            /** @enum {string} */
            event: "message_deleted";
        } | {
            data: components["schemas"]["ReactionChanged"];
            /** @enum {string} */
            event: "reaction_added";
        } | {
            data: components["schemas"]["ReactionChanged"];
            /** @enum {string} */
            event: "reaction_removed";
        } | {
            data: components["schemas"]["MemberChanged"];
            /** @enum {string} */
            event: "member_added";
        } | {
            data: components["schemas"]["MemberChanged"];
            /** @enum {string} */
            event: "member_changed";
        } | {
            data: components["schemas"]["MemberRemoved"];
            /** @enum {string} */
            event: "member_removed";
        } | {
            data: components["schemas"]["RoomChanged"];
            /** @enum {string} */
            event: "room_updated";
        } | {
            data: components["schemas"]["RoomChanged"];
            /** @enum {string} */
            event: "room_archived";
        };
        /** @description `POST /api/auth/login` */
        LogIn: {
            /** @description Username or e-mail address. */
            login: string;
            password: string;
        };
        /** @description `PUT /api/rooms/{roomId}/read` */
        MarkRead: {
            /** @description Moves the marker back, too: what follows becomes unread. */
            force?: boolean;
            messageId: string;
        };
        /** @description `mark_read` */
        MarkReadIn: {
            force?: boolean;
            messageId: string;
            roomId: string;
        };
        /** @description The answer to `mark_read`. */
        Marked: {
            membership: components["schemas"]["Membership"];
        };
        /** @description Somebody, as they see themselves. */
        Me: components["schemas"]["User"] & {
            email?: string | null;
            /** @description Whether others are told when they were last here. */
            lastSeenVisible: boolean;
            /** @description Kept for the client, at most 16 KiB of JSON. */
            settings: Record<string, never>;
        };
        /** @description Somebody in a room. */
        Member: {
            /** @description Whether one of their connections follows the room right now. */
            here: boolean;
            joinedAt: components["schemas"]["Timestamp"];
            presence: components["schemas"]["Presence"];
            role: components["schemas"]["MemberRole"];
            user: components["schemas"]["User"];
        };
        /** @description `member_added`, `member_changed` */
        MemberChanged: {
            member: components["schemas"]["Member"];
            roomId: components["schemas"]["RoomId"];
            /** Format: int64 */
            seq: number;
        };
        /** @description `member_removed` */
        MemberRemoved: {
            /** @description Who did it; the same as `userId` for somebody who left. */
            by: components["schemas"]["UserId"];
            roomId: components["schemas"]["RoomId"];
            /** Format: int64 */
            seq: number;
            userId: components["schemas"]["UserId"];
        };
        /**
         * @description What a member may do in a room.
         * @enum {string}
         */
        MemberRole: "owner" | "admin" | "member";
        /** @description Members, those online first, then by username. */
        Members: {
            members: components["schemas"]["Member"][];
            nextCursor?: string | null;
        };
        /** @description One's own membership. `unread` and `mentions` are exact to 99; 100 means more. */
        Membership: {
            joinedAt: components["schemas"]["Timestamp"];
            lastReadId?: components["schemas"]["MessageId"] | null;
            /** Format: int64 */
            lastReadSeq: number;
            /** Format: int32 */
            mentions: number;
            mutedUntil?: components["schemas"]["Timestamp"] | null;
            notify: components["schemas"]["Notify"];
            role: components["schemas"]["MemberRole"];
            /** Format: int32 */
            unread: number;
        };
        /** @description A message as it now is. */
        Message: {
            author: components["schemas"]["Author"];
            clientId?: string | null;
            /** @description Empty once deleted. */
            content: string;
            createdAt: components["schemas"]["Timestamp"];
            deletedAt?: components["schemas"]["Timestamp"] | null;
            editedAt?: components["schemas"]["Timestamp"] | null;
            id: components["schemas"]["MessageId"];
            kind: components["schemas"]["MessageKind"];
            /**
             * @description Those of the room's members, as of writing, who are meant by `@username`; everybody's ids
             *     are not listed for `@all`.
             */
            mentions: components["schemas"]["UserId"][];
            metadata: Record<string, never>;
            reactions: components["schemas"]["Reaction"][];
            replyTo?: components["schemas"]["Excerpt"] | null;
            /**
             * Format: int64
             * @description The last entry that touched it.
             */
            revSeq: number;
            roomId: components["schemas"]["RoomId"];
            /**
             * Format: int64
             * @description The entry that made it. Never changes.
             */
            seq: number;
        };
        /** @description `message_updated`, `message_deleted` */
        MessageChanged: {
            message: components["schemas"]["Message"];
            roomId: components["schemas"]["RoomId"];
            /** Format: int64 */
            seq: number;
        };
        /**
         * Format: uuid
         * @description A message. Minted by the store under the room's head lock; within a room, ids ascend with `seq`.
         */
        MessageId: string;
        /**
         * @description Written by somebody, or by the server itself.
         * @enum {string}
         */
        MessageKind: "text" | "system";
        /** @description One page of history, ascending. */
        MessagePage: {
            hasAfter: boolean;
            hasBefore: boolean;
            /** Format: int64 */
            lastSeq: number;
            messages: components["schemas"]["Message"][];
        };
        /** @description A node, and what it did. */
        NodeFact: {
            nodeId: components["schemas"]["NodeId"];
            startedAt: components["schemas"]["Timestamp"];
            version: string;
        };
        /**
         * Format: uuid
         * @description One run of the program: random, new at every start.
         */
        NodeId: string;
        /** @description What one node did. */
        NodeStats: components["schemas"]["NodeFact"] & {
            /** @description Ascending. */
            samples: components["schemas"]["Sample"][];
            /** @description When it was last heard of. */
            seenAt: components["schemas"]["Timestamp"];
        };
        /** @description What one node did. */
        NodeTold: components["schemas"]["NodeFact"] & {
            sample: components["schemas"]["Sample"];
        };
        /** @description The acknowledgement of something refused. */
        NotOk: {
            error: components["schemas"]["SocketError"];
            /** @description Always `false`. */
            ok: boolean;
        };
        /** @description An answer without fields. */
        Nothing: Record<string, never>;
        /**
         * @description What a member wants to be told.
         * @enum {string}
         */
        Notify: "all" | "mentions" | "none";
        /**
         * @description `room_removed`: the user is no longer a member. `room_reset`: this feed fell too far behind and
         *     has stopped; join again.
         */
        OfRoom: {
            roomId: components["schemas"]["RoomId"];
        };
        /** @description One login of the caller. */
        OwnSession: components["schemas"]["Session"] & {
            /** @description Whether it is the one that asks. */
            current: boolean;
        };
        /** @description `PATCH /api/admin/users/{userId}`: what is absent stays. */
        PatchAdminUser: {
            /**
             * @description Whether they can no longer log in.
             * @default null
             */
            deactivated?: boolean | null;
            /** @default null */
            role?: components["schemas"]["Role"] | null;
        };
        /** @description `PATCH /api/users/me`: what is absent stays, `null` takes away. */
        PatchMe: {
            /**
             * @description A path on this server or an `https` address, at most 500 characters.
             * @default null
             */
            avatarUrl?: string | null;
            /** @default null */
            displayName?: string | null;
            /** @default null */
            email?: string | null;
            /**
             * @description Whether others are told when the caller was last here.
             * @default null
             */
            lastSeenVisible?: boolean | null;
            /** @description An object of at most 16 KiB. */
            settings?: Record<string, never> | null;
        };
        /** @description `PATCH /api/rooms/{roomId}/members/{userId}` */
        PatchMember: {
            role: components["schemas"]["MemberRole"];
        };
        /** @description `PATCH /api/rooms/{roomId}/membership`: what is absent stays, `null` ends the muting. */
        PatchMembership: {
            /** @default null */
            mutedUntil?: components["schemas"]["Timestamp"] | null;
            /** @default null */
            notify?: components["schemas"]["Notify"] | null;
        };
        /** @description `PATCH /api/rooms/{roomId}`: what is absent stays. */
        PatchRoom: {
            /** @default null */
            name?: string | null;
            /** @default null */
            topic?: string | null;
        };
        /**
         * @description What is sent: the body of `POST /api/rooms/{roomId}/messages` and, with `roomId`, the payload
         *     of `send_message`.
         */
        PostMessage: {
            /** @description 1 to 64 characters. Sending the same one again stores nothing. */
            clientId?: string | null;
            /** @description 1 to 10,000 characters, not all of them white space. */
            content: string;
            /** @description At most 4 KiB. */
            metadata?: Record<string, never> | null;
            /** @description The message this answers, in the same room. */
            replyTo?: string | null;
        };
        /** @description One user's presence. `last_seen_at` is when they were last connected, or now. */
        Presence: {
            lastSeenAt?: components["schemas"]["Timestamp"] | null;
            status: components["schemas"]["Status"];
            userId: components["schemas"]["UserId"];
        };
        /** @description A refusal over HTTP: `application/problem+json`, RFC 9457. */
        Problem: {
            code: components["schemas"]["ErrorCode"];
            detail: string;
            /** @description On 422: field to message. */
            errors?: {
                [key: string]: string;
            };
            /** @description On a fault of the server: what to quote when reporting it. */
            requestId?: string | null;
            /**
             * Format: int64
             * @description On 429: how long to wait, in milliseconds.
             */
            retryAfterMs?: number | null;
            /** Format: int32 */
            status: number;
            title: string;
            /** @description `about:blank`: `code` tells problems apart. */
            type: string;
        };
        /** @description `add_reaction`, `remove_reaction` */
        React: {
            /** @description 1 to 32 characters without white space. */
            emoji: string;
            messageId: string;
            roomId: string;
        };
        /** @description One emoji on a message and who put it there, oldest first. */
        Reaction: {
            /** Format: int64 */
            count: number;
            emoji: string;
            /** @description At most 50. */
            userIds: components["schemas"]["UserId"][];
        };
        /** @description `reaction_added`, `reaction_removed` */
        ReactionChanged: {
            emoji: string;
            messageId: components["schemas"]["MessageId"];
            roomId: components["schemas"]["RoomId"];
            /** Format: int64 */
            seq: number;
            userId: components["schemas"]["UserId"];
        };
        /** @description `read_marked`: the user has read on, on another connection. */
        ReadMarked: {
            lastReadId?: components["schemas"]["MessageId"] | null;
            /** Format: int64 */
            lastReadSeq: number;
            /** Format: int32 */
            mentions: number;
            roomId: components["schemas"]["RoomId"];
            /** Format: int32 */
            unread: number;
        };
        /** @description Whether people should be sent to this server, and each thing it depends on by name. */
        Readiness: {
            /** @description `sqlite` or `postgresql`, and `redis` on one of many servers. */
            dependencies: {
                [key: string]: components["schemas"]["Dependency"];
            };
            status: components["schemas"]["Condition"];
        };
        /** @description `POST /api/auth/register` */
        Register: {
            /** @description 1 to 80 characters; the username if absent. */
            displayName?: string | null;
            email?: string | null;
            /** @description 8 to 256 characters. */
            password: string;
            /** @description 2 to 32 of `a-z 0-9 _ . -`; upper case is folded. */
            username: string;
        };
        /** @enum {string} */
        Registering: "open" | "closed";
        /** @description What the browsers that run one release told. */
        ReleaseSample: {
            /** @description Interaction to Next Paint. */
            inp: components["schemas"]["Buckets"];
            /** @description Largest Contentful Paint. */
            lcp: components["schemas"]["Buckets"];
            /** @description Empty for those that are not told apart. */
            release: string;
            /**
             * Format: int64
             * @description Reports that came.
             */
            sessions: number;
        };
        /** @description Those of several, four and the others at most. */
        Releases: components["schemas"]["ReleaseSample"][];
        /** @description `resume`: at most 200 rooms. */
        Resume: {
            rooms: components["schemas"]["ResumeRoom"][];
        };
        /** @description One room to take up again. */
        ResumeRoom: {
            epoch?: string | null;
            roomId: string;
            /** Format: int64 */
            since?: number | null;
        };
        /** @description The answer to `resume`, in the order asked. */
        Resumed: {
            rooms: components["schemas"]["ResumedRoom"][];
        };
        /** @description One room of the answer to `resume`: as `join_room` would answer, or why not. */
        ResumedRoom: (components["schemas"]["JoinedRoom"] | {
            error: components["schemas"]["SocketError"];
        }) & {
            roomId: string;
        };
        /**
         * @description What a user may do on this server. The first account is the owner.
         * @enum {string}
         */
        Role: "owner" | "admin" | "member" | "guest";
        /**
         * @description A room, as one viewer sees it: `membership` is the viewer's own, absent when they have none or
         *     when the room is told to many at once.
         */
        Room: {
            archivedAt?: components["schemas"]["Timestamp"] | null;
            createdAt: components["schemas"]["Timestamp"];
            id: components["schemas"]["RoomId"];
            kind: components["schemas"]["RoomKind"];
            lastActivityAt: components["schemas"]["Timestamp"];
            lastMessage?: components["schemas"]["Message"] | null;
            /**
             * Format: int64
             * @description The place of the newest entry of the room's log; 0 before the first.
             */
            lastSeq: number;
            /** Format: int64 */
            memberCount: number;
            membership?: components["schemas"]["Membership"] | null;
            name?: string | null;
            ownerId?: components["schemas"]["UserId"] | null;
            /** @description The people of a direct room, by username, the viewer among them; at most 20. */
            people?: components["schemas"]["Author"][];
            topic?: string | null;
        };
        /** @description `room_added`: the user has a new room. */
        RoomAdded: {
            room: components["schemas"]["Room"];
        };
        /** @description `room_updated`, `room_archived`: the room without `membership`. */
        RoomChanged: {
            room: components["schemas"]["Room"];
            roomId: components["schemas"]["RoomId"];
            /** Format: int64 */
            seq: number;
        };
        /**
         * Format: uuid
         * @description A room, which is a log.
         */
        RoomId: string;
        /**
         * @description Who may come in: everybody, those who were added, or exactly these people.
         * @enum {string}
         */
        RoomKind: "public" | "private" | "direct";
        /** @description Rooms, newest activity first. */
        Rooms: {
            nextCursor?: string | null;
            rooms: components["schemas"]["Room"][];
        };
        /**
         * @description What one node did in an interval. A number that is missing is not known.
         *
         *     One that lacks something this version counts, as a node of the version before tells, is not read:
         *     missing is better than zero.
         */
        Sample: {
            /** @description From a decoded message to its acknowledgement. */
            acknowledgement: components["schemas"]["Buckets"];
            /**
             * Format: int64
             * @description The end of the interval, in seconds since 1970.
             */
            at: number;
            /**
             * Format: int64
             * @description Cursors that have not read to the end. Looked at every five seconds.
             */
            behind: number;
            /**
             * Format: int64
             * @description Writes that a socket took no more of.
             */
            blocked: number;
            /**
             * Format: int64
             * @description Bytes written to clients.
             */
            bytes: number;
            /** @description How long the store took for a batch of messages. */
            commit: components["schemas"]["Buckets"];
            /** @description Open connections, at the end. */
            connections: components["schemas"]["Connections"];
            /**
             * Format: int64
             * @description Processor time the process took, in milliseconds.
             */
            cpuMs?: number | null;
            /**
             * Format: int64
             * @description Frames written to clients.
             */
            deliveries: number;
            /** @description From the commit of an entry until all sockets that were caught up had been written to. */
            delivery: components["schemas"]["Buckets"];
            /**
             * Format: int64
             * @description Connections that ended.
             */
            ended: number;
            /**
             * Format: int64
             * @description Messages of which nobody can say whether they are stored, and commits that failed.
             */
            failed: number;
            /** @description What other nodes told this one. Kept of seconds alone. */
            heard?: components["schemas"]["HeardOthers"];
            /** Format: int64 */
            hintsDropped: number;
            /**
             * Format: int64
             * @description The longest that a timer was late, in microseconds.
             */
            lagUs: number;
            /**
             * Format: int64
             * @description Requests and events turned away by a rate limit.
             */
            limited: number;
            /**
             * Format: int64
             * @description Messages stored.
             */
            messages: number;
            /**
             * Format: int64
             * @description Connections that began.
             */
            opened: number;
            /**
             * Format: int64
             * @description Events received from clients.
             */
            received: number;
            /**
             * Format: int64
             * @description Messages that were refused.
             */
            refused: number;
            /**
             * Format: int64
             * @description Feeds ended because they were too far behind.
             */
            resets: number;
            /**
             * Format: int64
             * @description Memory the process has, at the end.
             */
            rssBytes?: number | null;
            /**
             * Format: int64
             * @description How many seconds of it the node has told of: 1, 10 or 300, or fewer.
             */
            seconds: number;
            /**
             * Format: int64
             * @description Connections ended because their client did not read.
             */
            slowClosed: number;
            store: components["schemas"]["StoreSample"];
            vitals: components["schemas"]["VitalsSample"];
            /**
             * Format: int64
             * @description Messages taken in and not answered yet, at the end.
             */
            waiting: number;
        };
        /** @description `send_message` */
        SendMessage: components["schemas"]["PostMessage"] & {
            roomId: string;
        };
        /** @description The answer to `send_message`. */
        SentMessage: {
            /** @description The `clientId` was known: this is the first message as it now is. */
            duplicate: boolean;
            message: components["schemas"]["Message"];
        };
        /** @description `server_draining`: the transport closes; come back after that time. */
        ServerDraining: {
            /** Format: int64 */
            reconnectAfterMs: number;
        };
        /** @description A login, as its owner sees it in the list of theirs. */
        Session: {
            createdAt: components["schemas"]["Timestamp"];
            expiresAt: components["schemas"]["Timestamp"];
            id: components["schemas"]["SessionId"];
            lastUsedAt: components["schemas"]["Timestamp"];
            /** @description What the client called itself, cut to 200 characters. */
            userAgent: string;
        };
        /**
         * Format: uuid
         * @description A login.
         */
        SessionId: string;
        /** @description The caller's logins. */
        Sessions: {
            sessions: components["schemas"]["OwnSession"][];
        };
        /** @description A fresh login. The same token is also set as a cookie. */
        SignedIn: {
            /** @description For `Authorization: Bearer …` and the `auth` of a Socket.IO CONNECT. */
            token: string;
            user: components["schemas"]["Me"];
        };
        /** @description A refusal in an acknowledgement. */
        SocketError: {
            code: components["schemas"]["ErrorCode"];
            message: string;
            /** Format: int64 */
            retryAfterMs?: number | null;
        };
        /** @description What the nodes did. Samples of a time nobody saw are missing. */
        Stats: {
            nodes: components["schemas"]["NodeStats"][];
            /** Format: int64 */
            step: number;
        };
        /**
         * @description `admin:stats`: what the nodes did since the last of these, mostly a second. A node that was not
         *     heard of is missing.
         */
        StatsTold: {
            nodes: components["schemas"]["NodeTold"][];
        };
        /**
         * @description `Unknown` is said when presence itself cannot be reached; it never means offline.
         * @enum {string}
         */
        Status: "online" | "away" | "offline" | "unknown";
        /** @description How busy the store was at the end. */
        StoreSample: {
            /**
             * Format: int64
             * @description Connections to the database in use. Of SQLite, those that read.
             */
            busy: number;
            /**
             * Format: int64
             * @description What the database takes on the disk. Asked once a minute.
             */
            bytes?: number | null;
            /**
             * Format: int64
             * @description What is free on the disk that the database is on. Asked with it; of PostgreSQL it is not known.
             */
            freeBytes?: number | null;
            /** Format: int64 */
            idle: number;
            /**
             * Format: int64
             * @description The most there may be.
             */
            max: number;
        };
        /** @description What an operator acted on, as it was called then. */
        Target: {
            /** Format: uuid */
            id: string;
            kind: components["schemas"]["TargetKind"];
            /** @description The username: of a session, that of its user. */
            name: string;
        };
        /**
         * @description What kind of thing an operator acted on.
         * @enum {string}
         */
        TargetKind: "user" | "session";
        /** @description `POST /api/vitals`: how the web client does in somebody's browser, since it last told. */
        TellVitals: {
            /** @description From sending to the acknowledgement, in milliseconds, of at most 100 messages. */
            acksMs?: number[];
            /**
             * Format: double
             * @description Cumulative Layout Shift.
             */
            cls?: number | null;
            /**
             * Format: int64
             * @description Messages that could not be sent.
             */
            failedSends?: number | null;
            /**
             * Format: double
             * @description Interaction to Next Paint, in milliseconds.
             */
            inpMs?: number | null;
            /**
             * Format: double
             * @description Largest Contentful Paint, in milliseconds.
             */
            lcpMs?: number | null;
            /**
             * Format: int64
             * @description Times the line had to be opened anew.
             */
            reconnects?: number | null;
            /** @description The client's release, at most 64 characters. */
            release: string;
        };
        /**
         * Format: date-time
         * @description Milliseconds since 1970. Travels as RFC 3339 with milliseconds and `Z`.
         * @example 2026-11-22T14:02:11.042Z
         */
        Timestamp: string;
        /** @description `user_typing`, `user_stopped_typing` */
        Typing: {
            roomId: components["schemas"]["RoomId"];
            userId: components["schemas"]["UserId"];
        };
        /** @description `update_presence` */
        UpdatePresence: {
            /** @description `online` or `away`. */
            status: string;
        };
        /** @description Somebody, as others see them. */
        User: {
            avatarUrl?: string | null;
            createdAt: components["schemas"]["Timestamp"];
            /** @description Cannot log in, so that nobody need be offered to call or add them. Absent if they can. */
            deactivated?: boolean;
            displayName: string;
            id: components["schemas"]["UserId"];
            isBot: boolean;
            lastSeenAt?: components["schemas"]["Timestamp"] | null;
            role: components["schemas"]["Role"];
            username: string;
        };
        /**
         * Format: uuid
         * @description A person or a program with an account.
         */
        UserId: string;
        /** @description People. */
        Users: {
            nextCursor?: string | null;
            users: components["schemas"]["User"][];
        };
        /** @description What browsers told this node about themselves. */
        VitalsSample: {
            /** @description From sending a message to its acknowledgement, as the browser saw it. */
            ack: components["schemas"]["Buckets"];
            /** @description Cumulative Layout Shift, in thousandths instead of microseconds. */
            cls: components["schemas"]["Buckets"];
            /** Format: int64 */
            failedSends: number;
            /** Format: int64 */
            reconnects: number;
            /**
             * @description How soon the page was there and how soon it answered, by the client's release: the four that
             *     told most, and all others under an empty name.
             */
            releases: components["schemas"]["Releases"];
            /**
             * Format: int64
             * @description Reports that came.
             */
            sessions: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type Act = components['schemas']['Act'];
export type ActId = components['schemas']['ActId'];
export type Action = components['schemas']['Action'];
export type Acts = components['schemas']['Acts'];
export type AddMembers = components['schemas']['AddMembers'];
export type AdminRoom = components['schemas']['AdminRoom'];
export type AdminRooms = components['schemas']['AdminRooms'];
export type AdminUser = components['schemas']['AdminUser'];
export type AdminUsers = components['schemas']['AdminUsers'];
export type AtTheDoor = components['schemas']['AtTheDoor'];
export type Author = components['schemas']['Author'];
export type Buckets = components['schemas']['Buckets'];
export type ChangePassword = components['schemas']['ChangePassword'];
export type Changes = components['schemas']['Changes'];
export type Condition = components['schemas']['Condition'];
export type ConnectRefused = components['schemas']['ConnectRefused'];
export type Connections = components['schemas']['Connections'];
export type CreateRoom = components['schemas']['CreateRoom'];
export type DeleteMessage = components['schemas']['DeleteMessage'];
export type Dependency = components['schemas']['Dependency'];
export type EditMessage = components['schemas']['EditMessage'];
export type EditMessageIn = components['schemas']['EditMessageIn'];
export type Edited = components['schemas']['Edited'];
export type ErrorCode = components['schemas']['ErrorCode'];
export type Excerpt = components['schemas']['Excerpt'];
export type HeardFrom = components['schemas']['HeardFrom'];
export type HeardOthers = components['schemas']['HeardOthers'];
export type Here = components['schemas']['Here'];
export type InRoom = components['schemas']['InRoom'];
export type JoinRoom = components['schemas']['JoinRoom'];
export type JoinedRoom = components['schemas']['JoinedRoom'];
export type LogEntry = components['schemas']['LogEntry'];
export type LogEvent = components['schemas']['LogEvent'];
export type LogIn = components['schemas']['LogIn'];
export type MarkRead = components['schemas']['MarkRead'];
export type MarkReadIn = components['schemas']['MarkReadIn'];
export type Marked = components['schemas']['Marked'];
export type Me = components['schemas']['Me'];
export type Member = components['schemas']['Member'];
export type MemberChanged = components['schemas']['MemberChanged'];
export type MemberRemoved = components['schemas']['MemberRemoved'];
export type MemberRole = components['schemas']['MemberRole'];
export type Members = components['schemas']['Members'];
export type Membership = components['schemas']['Membership'];
export type Message = components['schemas']['Message'];
export type MessageChanged = components['schemas']['MessageChanged'];
export type MessageId = components['schemas']['MessageId'];
export type MessageKind = components['schemas']['MessageKind'];
export type MessagePage = components['schemas']['MessagePage'];
export type NodeFact = components['schemas']['NodeFact'];
export type NodeId = components['schemas']['NodeId'];
export type NodeStats = components['schemas']['NodeStats'];
export type NodeTold = components['schemas']['NodeTold'];
export type NotOk = components['schemas']['NotOk'];
export type Nothing = components['schemas']['Nothing'];
export type Notify = components['schemas']['Notify'];
export type OfRoom = components['schemas']['OfRoom'];
export type OwnSession = components['schemas']['OwnSession'];
export type PatchAdminUser = components['schemas']['PatchAdminUser'];
export type PatchMe = components['schemas']['PatchMe'];
export type PatchMember = components['schemas']['PatchMember'];
export type PatchMembership = components['schemas']['PatchMembership'];
export type PatchRoom = components['schemas']['PatchRoom'];
export type PostMessage = components['schemas']['PostMessage'];
export type Presence = components['schemas']['Presence'];
export type Problem = components['schemas']['Problem'];
export type React = components['schemas']['React'];
export type Reaction = components['schemas']['Reaction'];
export type ReactionChanged = components['schemas']['ReactionChanged'];
export type ReadMarked = components['schemas']['ReadMarked'];
export type Readiness = components['schemas']['Readiness'];
export type Register = components['schemas']['Register'];
export type Registering = components['schemas']['Registering'];
export type ReleaseSample = components['schemas']['ReleaseSample'];
export type Releases = components['schemas']['Releases'];
export type Resume = components['schemas']['Resume'];
export type ResumeRoom = components['schemas']['ResumeRoom'];
export type Resumed = components['schemas']['Resumed'];
export type ResumedRoom = components['schemas']['ResumedRoom'];
export type Role = components['schemas']['Role'];
export type Room = components['schemas']['Room'];
export type RoomAdded = components['schemas']['RoomAdded'];
export type RoomChanged = components['schemas']['RoomChanged'];
export type RoomId = components['schemas']['RoomId'];
export type RoomKind = components['schemas']['RoomKind'];
export type Rooms = components['schemas']['Rooms'];
export type Sample = components['schemas']['Sample'];
export type SendMessage = components['schemas']['SendMessage'];
export type SentMessage = components['schemas']['SentMessage'];
export type ServerDraining = components['schemas']['ServerDraining'];
export type Session = components['schemas']['Session'];
export type SessionId = components['schemas']['SessionId'];
export type Sessions = components['schemas']['Sessions'];
export type SignedIn = components['schemas']['SignedIn'];
export type SocketError = components['schemas']['SocketError'];
export type Stats = components['schemas']['Stats'];
export type StatsTold = components['schemas']['StatsTold'];
export type Status = components['schemas']['Status'];
export type StoreSample = components['schemas']['StoreSample'];
export type Target = components['schemas']['Target'];
export type TargetKind = components['schemas']['TargetKind'];
export type TellVitals = components['schemas']['TellVitals'];
export type Timestamp = components['schemas']['Timestamp'];
export type Typing = components['schemas']['Typing'];
export type UpdatePresence = components['schemas']['UpdatePresence'];
export type User = components['schemas']['User'];
export type UserId = components['schemas']['UserId'];
export type Users = components['schemas']['Users'];
export type VitalsSample = components['schemas']['VitalsSample'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
