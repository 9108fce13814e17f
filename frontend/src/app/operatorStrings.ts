/**
 * What the operator's page says, in every language: few read it, so it comes with
 * that page and not with the client.
 */
import { type Language, speech } from './language';
import { arabic } from './languages/arOperator';
import { disguise } from './languages/disguise';
import { pluralIn } from './plural';

const counted = pluralIn('en');

const english = {
  title: 'Operator’s page',
  parts: 'Parts of the operator’s page',
  now: 'Now',
  people: 'People',
  rooms: 'Rooms',
  log: 'Audit log',
  failed: 'This could not be loaded.',
  more: 'Load more',
  everything: 'All',

  range: 'Time shown',
  ranges: { live: '15 minutes', day: '24 hours', week: '7 days', month: '30 days' },

  headline: {
    calm: 'Nothing needs you',
    warning: (names: string) => `Worth a look: ${names}`,
    alarm: (names: string) => `Act now: ${names}`,
    since: (time: string) => `As of ${time}`,
    stale: (time: string) => `No word from the server since ${time}. What is shown is from then.`,
    nodes: (count: number, version: string) =>
      counted(count, { one: `One node, version ${version}`, other: `${count} nodes, version ${version}` }),
    versions: (count: number, versions: string) => `${count} nodes, versions ${versions}`,
  },

  figures: {
    connections: { name: 'Connections', hint: 'open now', warning: 'falling', alarm: 'most are lost' },
    messages: { name: 'Messages in', hint: 'a second', warning: '', alarm: '' },
    deliveries: {
      name: 'Deliveries out',
      hint: 'a second',
      warning: 'readers behind',
      alarm: 'half are behind',
    },
    latency: { name: 'Until delivered', hint: 'p99 of a minute', warning: 'slow', alarm: 'very slow' },
    errors: { name: 'Error rate', hint: 'of sends in a minute', warning: 'some fail', alarm: 'many fail' },
    queue: { name: 'Queue', hint: 'waiting to be stored', warning: 'filling', alarm: 'jammed' },
  },
  figuresLabel: 'How it is now',

  trend: {
    unknown: 'Nothing was measured in this time.',
    steady: (what: string, about: string) => `${what} stayed at about ${about}.`,
    rose: (what: string, from: string, to: string, at: string) =>
      `${what} rose from ${from} to ${to} at ${at}.`,
    fell: (what: string, from: string, to: string, at: string) =>
      `${what} fell from ${from} to ${to} at ${at}.`,
    peaked: (what: string, peak: string, about: string, at: string) =>
      `${what} reached ${peak} at ${at}, and was about ${about} otherwise.`,
  },

  asTable: 'Show as table',
  asPlot: 'Show as plot',
  time: 'Time',
  notKnown: 'not known',
  readPlot: (title: string) => `${title}: read it with the arrow keys, zoom with plus and minus`,
  zoomPlot: (title: string) => `${title}: zoom with plus and minus, move with the arrow keys`,
  zoom: {
    title: 'Zoom',
    closer: 'Zoom in',
    further: 'Zoom out',
    earlier: 'Earlier',
    later: 'Later',
    all: 'Show all',
    span: (from: string, to: string) => `${from} to ${to}`,
  },
  marks: 'Nodes that came and went',
  mark: {
    joined: (node: string, version: string) => `${node} joined (${version})`,
    upgraded: (node: string, version: string) => `${node} joined with ${version}`,
    left: (node: string) => `${node} left`,
  },

  latency: {
    title: 'From commit to delivery',
    half: 'p50',
    most: 'p95',
    all: 'p99',
    band: 'p50 to p95',
  },
  heat: {
    title: 'Where deliveries gather',
    none: 'Too few deliveries to say.',
    one: (at: string) => `They gather around ${at}.`,
    many: (places: string) => `They are of more than one kind: they gather around ${places}.`,
    fewer: 'fewer',
    more: 'more deliveries',
  },
  fan: {
    title: 'Fan-out',
    in: 'Messages in',
    out: 'Deliveries out',
    each: 'Deliveries for each message',
  },
  connections: {
    title: 'Connections',
    all: 'Connections',
    websocket: (node: string) => `${node}, WebSocket`,
    polling: (node: string) => `${node}, polling`,
    opened: 'Opened',
    ended: 'Ended',
    comings: 'Opened and ended, each second',
  },
  nodes: {
    title: 'Nodes',
    node: 'Node',
    version: 'Version',
    since: 'Up since',
    cpu: 'CPU, of one core',
    cpuShort: 'CPU',
    memory: 'Memory',
    connections: 'Connections',
    lag: 'Loop lag',
    silent: 'silent',
    summary: (count: number, busiest: string, cpu: string) =>
      counted(count, {
        one: `One node, at ${cpu} of a core.`,
        other: `${count} nodes. The busiest is ${busiest}, at ${cpu} of a core.`,
      }),
  },
  links: {
    title: 'What nodes hear of each other',
    from: 'Said by',
    to: 'Heard by',
    words: 'Words a second',
    bytes: 'Bytes a second',
    state: 'Link',
    fine: 'heard',
    suspect: 'suspect',
    unheard: (pairs: string) => `Nothing is heard ${pairs}.`,
    between: (from: string, to: string) => `of ${from} at ${to}`,
  },
  pressure: {
    title: 'Backpressure',
    behind: 'Readers behind',
    blocked: 'Writes that waited',
    hintsDropped: 'Hints dropped',
    resets: 'Feeds reset',
    slowClosed: 'Ended for not reading',
    limited: 'Turned away by a limit',
    refused: 'Sends refused',
    none: 'Nobody was slowed down, and nobody turned away.',
    eachMinute: 'each minute',
  },
  storage: {
    title: 'Storage',
    half: 'Commit, p50',
    all: 'Commit, p99',
    connections: 'Pool in use',
    busy: (busy: string, max: string) => `${busy} of ${max}`,
    size: 'Size',
    growth: 'Growth a day',
    free: 'Free on the disk',
    unseen: 'The disk of the database cannot be seen from here, and how soon it is full not foretold.',
    full: (days: number) =>
      days < 1
        ? 'The disk is full within a day at this rate.'
        : counted(days, {
            one: 'The disk is full in about a day at this rate.',
            other: `The disk is full in about ${days} days at this rate.`,
          }),
    later: 'The disk lasts for more than ten years at this rate.',
    steady: 'The database does not grow.',
    tooEarly: 'too early to say',
    unmeasured: 'not measured',
  },
  felt: {
    title: 'What people feel',
    lcp: 'First full view (LCP)',
    inp: 'Answer to a press (INP)',
    ack: 'Sent and acknowledged',
    cls: 'Layout shift (CLS)',
    reconnects: 'Reconnects a visit',
    failedSends: 'Sends that failed',
    quarter: 'p75',
    releases: 'By release of the client, p75',
    release: 'Release',
    since: 'Since',
    before: 'before',
    reports: 'Reports',
    lcpShort: 'LCP',
    inpShort: 'INP',
    otherReleases: 'others',
    none: 'No browser has told anything in this time.',
  },

  find: 'Find somebody',
  role: 'Role',
  roles: { owner: 'Owner', admin: 'Admin', member: 'Member', guest: 'Guest' },
  state: 'State',
  states: { active: 'Active', deactivated: 'Deactivated' },
  deactivatedSince: (day: string) => `Deactivated ${day}`,
  you: 'you',
  lastSeen: 'Last here',
  never: 'never',
  sessions: 'Sessions',
  person: {
    column: 'Person',
    joined: 'Account since',
    changeRole: (name: string) => `Role of ${name}`,
    actions: (name: string) => `Actions for ${name}`,
    showSessions: 'Sessions',
    deactivate: 'Deactivate',
    deactivateTitle: (name: string) => `Deactivate ${name}?`,
    deactivateHint:
      'All their sessions end at once and they cannot sign in. What they wrote and where they are a member stays.',
    reactivate: 'Reactivate',
    roleTitle: (name: string, role: string) => `Change the role of ${name} to ${role}?`,
    roleHint: {
      owner: 'Owners may do everything, and make others owners and admins.',
      admin: 'Admins see this page, and may deactivate members and guests.',
      member: 'Members use the chat and do not see this page.',
      guest: 'Guests see only what they are added to, and do not see this page.',
    },
    roleAction: 'Change role',
    none: 'Nobody fits.',
    noneHint: 'Take a filter away, or type less of the name.',
    saved: (name: string, role: string) => `${name}: ${role}`,
    deactivated: (name: string) => `${name} is deactivated`,
    reactivated: (name: string) => `${name} is active again`,
  },
  session: {
    title: (name: string) => `Sessions of ${name}`,
    none: 'Signed in nowhere.',
    begun: (day: string) => `Since ${day}`,
    used: (time: string) => `last used ${time}`,
    unknown: 'Unknown client',
    here: 'this one',
    end: 'End',
    endNamed: (client: string) => `End ${client}`,
    endAll: 'End all',
    ended: 'The session is ended.',
    allEnded: 'All sessions are ended.',
  },

  room: {
    find: 'Find a room',
    column: 'Room',
    kind: 'Kind',
    kinds: { public: 'Public', private: 'Private', direct: 'Direct' },
    sort: 'Order',
    sorts: { cost: 'Cost', members: 'Members', activity: 'Activity' },
    direct: 'Direct room',
    archived: 'archived',
    members: 'Members',
    entries: 'Entries',
    cost: 'Cost',
    costHint: 'Cost is members times entries: how much a room makes the server do.',
    activity: 'Last entry',
    created: 'Made',
    none: 'No room fits.',
    noneHint: 'Take a filter away, or type less of the name.',
  },

  audit: {
    actor: 'Who',
    anybody: 'Anybody',
    onlyOf: (name: string) => `Only what ${name} did`,
    action: 'What',
    anything: 'Anything',
    actions: {
      'user.role_changed': 'Role changed',
      'user.deactivated': 'Deactivated',
      'user.reactivated': 'Reactivated',
      'session.revoked': 'Session ended',
      'sessions.revoked': 'All sessions ended',
    } as Readonly<Record<string, string>>,
    said: {
      'user.role_changed': 'changed the role of',
      'user.deactivated': 'deactivated',
      'user.reactivated': 'reactivated',
      'session.revoked': 'ended a session of',
      'sessions.revoked': 'ended all sessions of',
    } as Readonly<Record<string, string>>,
    before: 'before',
    after: 'after',
    fields: { role: 'role', userAgent: 'client', sessions: 'sessions' } as Readonly<Record<string, string>>,
    from: 'from',
    none: 'Nothing has been done yet.',
    noneHint: 'What operators do to accounts and sessions is written down here, for good.',
    noneFit: 'No entry fits.',
    end: 'That is where the log begins.',
  },
};

export type OperatorStrings = typeof english;

const TEXTS: Readonly<Record<Language, OperatorStrings>> = {
  en: english,
  ar: arabic,
  'en-XA': disguise(english),
};

/** In the language that is spoken now. */
export const operatorStrings = (): OperatorStrings => TEXTS[speech.now()];
