/**
 * Everything one signed-in person sees of the chat, apart from its pixels.
 *
 * Puts the parts together and hands each piece of news to those that keep some
 * of it. React reads from the parts through `hooks/` and calls the verbs here.
 */
import type {
  Change,
  ClientEvents,
  Me,
  Membership,
  Message,
  News,
  ReplyTo,
  ResumedRoom,
  Room,
} from '../protocol';
import { Connection } from './connection';
import { Deletions } from './deletions';
import { Drafts } from './drafts';
import { Editing } from './editing';
import { Failure } from './failure';
import { Feeds, placeOf } from './feeds';
import { History, WINDOW } from './history';
import { Markers } from './markers';
import { Memory } from './memory';
import { roomName } from './names';
import type { Notices } from './notices';
import { type KeptMessage, Outbox } from './outbox';
import type { ChatApi, ChatParts } from './parts';
import { People } from './people';
import { Places } from './places';
import { Reacting } from './reacting';
import { RoomOrder } from './roomOrder';
import { Rooms } from './rooms';
import { type Opening, Settings } from './settings';
import { StatsLine } from './statsLine';
import type { TabWord } from './tabs';
import { type Outcome, Timeline } from './timeline';
import { Typing } from './typing';
import type { Wire } from './wire';

/** Messages kept of a room nobody is looking at. */
const BACKGROUND_WINDOW = 100;
/** What is read is trimmed by so many messages, not by each one that comes. */
const TRIMMED_AT_ONCE = 50;
const LIST_AGAIN_MS = 5_000;
const MOST_VISITED = 20;

export class Chat {
  #me: Me;
  readonly notices: Notices;
  readonly rooms: Rooms;
  readonly order: RoomOrder;
  readonly people: People;
  readonly typing: Typing;
  readonly outbox: Outbox;
  readonly history: History;
  readonly connection: Connection;
  readonly settings: Settings;
  readonly drafts: Drafts;
  readonly memory: Memory;
  readonly markers: Markers;
  readonly reacting: Reacting;
  readonly editing: Editing;
  readonly deletions: Deletions;
  readonly stats: StatsLine;

  /** Where the reader was at each entry of the browser's history. */
  readonly places = new Places();

  readonly #wire: Wire;
  readonly #api: ChatApi;
  readonly #ended: () => void;
  readonly #feeds: Feeds;
  readonly #timelines = new Map<string, Timeline>();
  readonly #newMessages = new Set<(message: Message) => void>();
  readonly #behind = new Set<string>();
  #openRoom: string | undefined;
  #visited: readonly string[] = [];
  #readerAt: string | undefined;
  /** The list of rooms is the server's, not one that was remembered. */
  #roomsListed = false;
  /** Rooms that only memory speaks for. */
  readonly #unlisted = new Set<string>();
  #listing: Promise<void> | undefined;
  #listAgain: ReturnType<typeof setTimeout> | undefined;
  #recalling: Promise<void> | undefined;
  #recallingAll: Promise<void> | undefined;
  #recalled = false;
  #roomsFailure: Failure | undefined;
  #status: 'online' | 'away' = 'online';
  #unsubscribe: readonly (() => void)[] = [];

  constructor({ me, wire, api, storage, tabs, notices, settings = new Settings(), ended }: ChatParts) {
    this.#me = me;
    this.notices = notices;
    this.#wire = wire;
    this.#api = api;
    this.#ended = ended;
    this.rooms = new Rooms(me.id, notices);
    this.people = new People(notices);
    this.settings = settings;
    this.order = new RoomOrder({
      rooms: () => this.rooms.list,
      nameOf: (room) => roomName(room, this.people.members(room.id), me.id, ''),
      pinned: () => settings.now().pinned,
      changed: () => notices.changed('order'),
    });
    this.typing = new Typing((roomId, typing) => {
      if (wire.connected) this.#hint(typing ? 'start_typing' : 'stop_typing', { roomId });
    }, notices);
    this.outbox = new Outbox({
      wire,
      storage: storage.outbox,
      tabs,
      notices,
      added: ({ roomId, clientId }) => this.timeline(roomId).sentHere(clientId),
      acknowledged: (message) => this.#acknowledged(message),
    });
    this.drafts = new Drafts(storage.drafts, tabs, notices);
    this.deletions = new Deletions({
      storage: storage.deletions,
      notices,
      request: (roomId, messageId) => api.deleteMessage(roomId, messageId),
    });
    this.memory = new Memory({
      storage: storage.memory,
      rooms: this.rooms,
      people: this.people,
      timeline: (roomId) => this.timeline(roomId),
      recalled: (room) => {
        this.#addRoom(room);
        this.#unlisted.add(room.id);
      },
    });
    notices.subscribe('rooms', () => this.memory.touch());
    this.markers = new Markers({
      me: me.id,
      wire,
      rooms: this.rooms,
      timeline: (roomId) => this.timeline(roomId),
      fetchRoom: (roomId) => api.room(roomId),
      opening: () => this.opening,
    });
    this.reacting = new Reacting({
      me: me.id,
      wire,
      message: (roomId, id) => this.timeline(roomId).message(id),
      notices,
    });
    this.editing = new Editing({
      wire,
      timeline: (roomId) => this.timeline(roomId),
      fetchPage: (roomId, query) => api.messages(roomId, query),
    });
    this.history = new History({
      fetchPage: (roomId, query) => api.messages(roomId, query),
      timeline: (roomId) => this.timeline(roomId),
      arrived: (roomId, page) => this.#settle(roomId, page.messages),
      notices,
    });
    this.connection = new Connection(wire, notices);
    this.stats = new StatsLine(wire);
    this.#feeds = new Feeds(wire, {
      timeline: (roomId) => this.#timelines.get(roomId),
      followedRooms: () => this.rooms.list.map((room) => room.id),
      receive: (roomId, change) => this.#receive(roomId, change),
      answered: (answer) => this.#answered(answer),
      lost: (roomId) => this.#lose(roomId),
    });
    wire.listen({
      opened: () => this.#opened(),
      closed: () => this.connection.closed(),
      refused: (failure) => {
        if (this.connection.refused(failure)) ended();
      },
      news: (news) => this.notices.patiently(() => this.#news(news)),
    });
    tabs.hear((word) => this.#hear(word));
  }

  /** There are rooms to show: the server's list of them, or those of the last visit. */
  get roomsKnown(): boolean {
    return this.#roomsListed || (this.#recalled && this.rooms.list.length > 0);
  }

  get me(): Me {
    return this.#me;
  }

  /** The server says who the user is by now; they are nobody else. */
  meet(me: Me): void {
    this.#me = me;
    this.notices.changed('me');
  }

  /** The room the user looks at. */
  get openRoom(): string | undefined {
    return this.#openRoom;
  }

  /** The rooms that were open, the latest first. */
  get visited(): readonly string[] {
    return this.#visited;
  }

  /** This visit began with the room as it was remembered, and there was more to read by then. */
  wasBehind(roomId: string): boolean {
    return this.#behind.has(roomId);
  }

  get roomsFailure(): Failure | undefined {
    return this.#roomsFailure;
  }

  /** Reads what the first screen shows of what is remembered, the room `first` included. */
  recall(first?: string): Promise<void> {
    this.#recalling ??= this.#recall(first);
    return this.#recalling;
  }

  /** Begins with what is remembered, if it was not recalled before, and goes on with the server. */
  async start(): Promise<void> {
    this.#unsubscribe = [
      this.notices.subscribe('rooms', () => this.order.look()),
      this.settings.subscribe(() => this.order.settle()),
    ];
    this.order.look();
    this.connection.start();
    // Following begins once all of it is there.
    this.#recallingAll ??= this.recall().then(() => this.memory.recallPages());
    await Promise.all([this.loadRooms(), this.#recallingAll]);
  }

  /** Keeps what should stay and lets go of the rest; `start` begins again. */
  stop(): void {
    this.save();
    clearTimeout(this.#listAgain);
    this.connection.end();
    this.#feeds.stop();
    this.outbox.stop();
    this.deletions.stop();
    this.order.stop();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
  }

  /** Writes down what would be lost with the page. */
  save(): void {
    this.drafts.save();
    this.memory.save();
    void this.deletions.flush();
  }

  loadRooms(): Promise<void> {
    this.#listing ??= this.#listRooms().finally(() => {
      this.#listing = undefined;
    });
    return this.#listing;
  }

  /** A room's timeline; made on demand, also for a room that is only looked at. */
  timeline(roomId: string): Timeline {
    let timeline = this.#timelines.get(roomId);
    if (!timeline) {
      timeline = new Timeline({
        itemsChanged: () => this.#timelineChanged(roomId, `timeline:${roomId}`),
        messageChanged: (id) => this.#timelineChanged(roomId, `message:${id}`),
      });
      this.#timelines.set(roomId, timeline);
    }
    return timeline;
  }

  /** Where rooms with unread messages open. */
  get opening(): Opening {
    return this.settings.now().opensAt;
  }

  /**
   * The user looks at this room now, at a certain message of it, or at none.
   * Answers nothing when all that is to be shown is here, else when it has come.
   */
  open(roomId: string | undefined, at?: string): Promise<void> | undefined {
    if (this.#openRoom && this.#openRoom !== roomId) {
      this.timeline(this.#openRoom).trim('newest', BACKGROUND_WINDOW);
      void this.deletions.flush();
    }
    this.#openRoom = roomId;
    this.#readerAt = undefined;
    if (!roomId) return undefined;
    this.#visited = [roomId, ...this.#visited.filter((id) => id !== roomId)].slice(0, MOST_VISITED);
    const isHere = this.#hasNewest(roomId) && !this.#missingToOpen(roomId, at);
    return isHere ? undefined : this.#fetchToOpen(roomId, at);
  }

  /** The message the reader of the open room is at; absent at the end. */
  readerAt(messageId: string | undefined): void {
    this.#readerAt = messageId;
  }

  /** Becomes a member of a public room and follows it; shows it as one's own at once. */
  async join(room: Room): Promise<void> {
    const visiting = this.rooms.get(room.id) === undefined;
    if (visiting) this.rooms.put({ ...room, membership: newMembership(room) });
    try {
      // What a visitor has read stays, and the log goes on from there.
      const visited = this.timeline(room.id);
      const place = visited.loaded ? placeOf(room.id, visited) : { roomId: room.id };
      const answer = await this.#wire.request('join_room', place);
      this.#unlisted.delete(room.id);
      this.#addRoom(answer.room);
      this.#feeds.joined({ ...answer, roomId: room.id });
    } catch (thrown) {
      if (visiting) this.rooms.remove(room.id);
      throw thrown;
    }
  }

  /** Takes a room that was just made or found, and follows it. */
  follow(room: Room): void {
    this.#unlisted.delete(room.id);
    const known = this.rooms.get(room.id);
    this.#addRoom(room);
    if (!known) this.#feeds.follow(room.id);
  }

  /** The user gave up the membership. */
  left(roomId: string): void {
    this.#lose(roomId);
  }

  send(roomId: string, content: string, replyTo?: ReplyTo): KeptMessage {
    this.typing.stopped(roomId);
    return this.outbox.send(roomId, content, replyTo);
  }

  /** Somebody else’s message, or one’s own without a way back. */
  async delete(message: Message): Promise<void> {
    await this.#wire.request('delete_message', { roomId: message.roomId, messageId: message.id });
  }

  /** Asks every room for what was missed, as after a sleep nobody noticed. */
  catchUp(): void {
    if (this.#wire.connected) this.#followAll();
    else this.connection.retryNow();
  }

  setStatus(status: 'online' | 'away'): void {
    if (status === this.#status) return;
    this.#status = status;
    if (this.#wire.connected) this.#hint('update_presence', { status });
  }

  /** Hears of messages as they arrive live, for announcing them. */
  onNewMessage(listener: (message: Message) => void): () => void {
    this.#newMessages.add(listener);
    return () => this.#newMessages.delete(listener);
  }

  async #fetchToOpen(roomId: string, at: string | undefined): Promise<void> {
    if (!this.#hasNewest(roomId)) await this.history.newest(roomId);
    const missing = this.#missingToOpen(roomId, at);
    if (missing) await this.history.around(roomId, missing);
  }

  /** The message to show first that is not here: the one asked for, or where reading stopped. */
  #missingToOpen(roomId: string, at: string | undefined): string | undefined {
    const timeline = this.timeline(roomId);
    if (at) return timeline.message(at) ? undefined : at;
    const membership = this.rooms.get(roomId)?.membership;
    if (!membership?.unread || !membership.lastReadId || this.opening !== 'unread') return undefined;
    // With more unread than one page holds, start where reading stopped.
    const unreadIsHere = timeline.unreadAfter(membership.lastReadSeq, this.me.id) !== undefined;
    return unreadIsHere ? undefined : membership.lastReadId;
  }

  async #listRooms(): Promise<void> {
    clearTimeout(this.#listAgain);
    this.#roomsFailure = undefined;
    try {
      const rooms = await this.#api.listRooms();
      await this.#recallingAll;
      for (const room of rooms) this.#addRoom(room);
      this.#loseUnlisted(rooms);
      // What was remembered may have stood in another order.
      if (!this.#roomsListed) this.order.settle();
      this.#roomsListed = true;
      this.#followAll();
    } catch (thrown) {
      this.#roomsFailure = Failure.from(thrown);
      // Without a connection it is the next one that asks again.
      if (this.#wire.connected) this.#listAgain = setTimeout(() => void this.loadRooms(), LIST_AGAIN_MS);
    }
    this.notices.changed('rooms');
  }

  #followAll(): void {
    if (this.#roomsListed) this.#feeds.resumeAll();
    else void this.loadRooms();
  }

  async #recall(first: string | undefined): Promise<void> {
    await Promise.all([this.memory.recall(first), this.drafts.restore(), this.outbox.restore()]);
    this.#recalled = true;
    this.notices.changed('rooms');
  }

  /** Rooms that were remembered may have been left elsewhere. To follow a public one would be to join it again. */
  #loseUnlisted(listed: readonly Room[]): void {
    for (const { id } of listed) this.#unlisted.delete(id);
    for (const id of this.#unlisted) this.#lose(id);
    this.#unlisted.clear();
  }

  #timelineChanged(roomId: string, key: string): void {
    this.notices.changed(key);
    this.memory.touch(roomId);
  }

  #hear(word: TabWord): void {
    if (word.name === 'draft_changed') {
      this.drafts.hear(word.roomId, word.text);
      return;
    }
    this.outbox.hear(word);
    // The log may have been faster than the other tab.
    if (word.name === 'message_stored') {
      this.outbox.caughtUp(word.roomId, this.timeline(word.roomId).lastSeq);
    }
  }

  #opened(): void {
    this.connection.opened();
    this.#followAll();
    this.outbox.flush();
    this.deletions.resume();
    this.stats.opened();
    void this.settings.refresh();
    if (this.#status === 'away') this.#hint('update_presence', { status: 'away' });
  }

  #news(news: News): void {
    switch (news.name) {
      case 'room_reset':
        this.#feeds.follow(news.payload.roomId);
        return;
      case 'room_added':
        this.#feeds.added(news.payload.room.id);
        this.follow(news.payload.room);
        return;
      case 'room_removed':
        this.#lose(news.payload.roomId);
        return;
      case 'user_joined':
      case 'user_left':
        this.people.setHere(news.payload.roomId, news.payload.user, news.name === 'user_joined');
        return;
      case 'presence_changed':
        this.people.setPresence(news.payload);
        return;
      case 'user_typing':
        if (news.payload.userId !== this.me.id) {
          this.typing.someoneTypes(news.payload.roomId, news.payload.userId);
        }
        return;
      case 'user_stopped_typing':
        this.typing.someoneStops(news.payload.roomId, news.payload.userId);
        return;
      case 'read_marked':
        this.markers.moved(news.payload.roomId, news.payload);
        return;
      case 'admin:stats':
        this.stats.heard(news.payload);
        return;
      case 'server_draining':
        this.connection.draining(news.payload.reconnectAfterMs);
        return;
      case 'session_revoked':
        this.stop();
        this.#ended();
        return;
      default: {
        const { payload } = news;
        // The payload of a live entry is what `changes` carries as `data`.
        this.#feeds.receive(payload.roomId, { seq: payload.seq, event: news.name, data: payload } as Change);
      }
    }
  }

  /** One entry of a room's log, live or replayed, to all who keep some of it. */
  #receive(roomId: string, change: Change): Outcome {
    const timeline = this.#timelines.get(roomId);
    if (!timeline || !this.rooms.get(roomId)) return 'known';
    const outcome = timeline.apply(change);
    if (outcome !== 'applied') return outcome;
    if (change.event === 'member_removed' && change.data.userId === this.me.id) {
      this.#lose(roomId);
      return outcome;
    }
    this.rooms.receive(roomId, change);
    this.people.receive(roomId, change);
    if (change.event === 'message_received') this.#messageArrived(change.data);
    if (change.event === 'message_deleted') this.markers.deleted(change.data.message);
    if (change.event === 'reaction_added' || change.event === 'reaction_removed') {
      this.reacting.heard(roomId, change.data.messageId);
    }
    return outcome;
  }

  #messageArrived(message: Message): void {
    const { roomId } = message;
    this.typing.someoneStops(roomId, message.author.id);
    this.#settle(roomId, [message]);
    const timeline = this.timeline(roomId);
    if (roomId !== this.#openRoom) timeline.trim('newest', BACKGROUND_WINDOW);
    else if (timeline.size > WINDOW + TRIMMED_AT_ONCE)
      timeline.trim(this.#readerAt === undefined ? 'newest' : { around: this.#readerAt }, WINDOW);
    for (const listener of this.#newMessages) listener(message);
  }

  #answered(answer: Exclude<ResumedRoom, { error: unknown }>): void {
    const { roomId } = answer;
    this.rooms.put(answer.room);
    // The answer was made while this connection was only just arriving in the room.
    const members = answer.members.map((one) => (one.user.id === this.me.id ? { ...one, here: true } : one));
    this.people.putMembers(roomId, members);
    if ('messages' in answer && answer.messages) this.#settle(roomId, answer.messages);
    this.outbox.caughtUp(roomId, this.timeline(roomId).lastSeq);
    const { membership } = answer.room;
    if (this.memory.caughtUp(roomId) && membership?.unread) this.#behind.add(roomId);
    if (membership && this.timeline(roomId).lastSeq > answer.room.lastSeq)
      this.markers.moved(roomId, membership);
    if (roomId === this.#openRoom && !this.#hasNewest(roomId)) void this.history.newest(roomId);
  }

  /** Own messages seen in the log need not wait for their acknowledgement. */
  #settle(roomId: string, messages: readonly Message[]): void {
    for (const message of messages) {
      if (message.clientId && message.author.id === this.me.id) this.outbox.arrived(roomId, message.clientId);
    }
  }

  #acknowledged(message: Message): void {
    const timeline = this.timeline(message.roomId);
    timeline.revise(message);
    this.outbox.caughtUp(message.roomId, timeline.lastSeq);
  }

  #addRoom(room: Room): void {
    const known = this.rooms.get(room.id) !== undefined;
    if (!room.membership && room.kind === 'public' && !known) return;
    // Also when a visitor became a member elsewhere.
    const timeline = this.timeline(room.id);
    if (!known && !timeline.loaded) timeline.startAt(room.lastSeq);
    this.rooms.put(room);
  }

  #lose(roomId: string): void {
    this.rooms.remove(roomId);
    this.people.forget(roomId);
    this.memory.forget(roomId);
    if (this.drafts.has(roomId)) this.drafts.clear(roomId);
    this.#timelines.delete(roomId);
    this.notices.changed(`timeline:${roomId}`);
  }

  #hasNewest(roomId: string): boolean {
    const timeline = this.timeline(roomId);
    return timeline.loaded && timeline.reachesEnd;
  }

  /** A request whose failure nobody needs to know: the next one says the same. */
  #hint<Name extends keyof ClientEvents>(name: Name, payload: ClientEvents[Name][0]): void {
    this.#wire.request(name, payload).catch(() => undefined);
  }
}

/** What somebody is in a room they have only just entered: all that was said is read. */
function newMembership(room: Room): Membership {
  return {
    role: 'member',
    joinedAt: room.lastActivityAt,
    lastReadSeq: room.lastSeq,
    unread: 0,
    mentions: 0,
    notify: 'all',
  };
}
