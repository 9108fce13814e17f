/** Notifications of the system, which a page may show once its user has allowed it. */
import type { Note } from '../chat/bell';

/** `absent`: this browser shows none, or not on plain http. */
export type NotificationPermission = 'granted' | 'denied' | 'default' | 'absent';

export function notificationPermission(): NotificationPermission {
  return 'Notification' in window ? Notification.permission : 'absent';
}

/** Only from a click: browsers refuse what nobody asked for, some for good. */
export async function askToNotify(): Promise<void> {
  if (!('Notification' in window)) return;
  await Notification.requestPermission();
  for (const listener of answered) listener();
}

const answered = new Set<() => void>();

/** Calls when the answer has become another, here or in the browser's own settings. */
export function onNotificationPermission(changed: () => void): () => void {
  let status: PermissionStatus | undefined;
  let wanted = true;
  navigator.permissions?.query({ name: 'notifications' }).then(
    (found) => {
      if (!wanted) return;
      status = found;
      status.addEventListener('change', changed);
    },
    // Where it cannot be asked, coming back from the settings is when to look.
    () => undefined,
  );
  addEventListener('focus', changed);
  answered.add(changed);
  return () => {
    wanted = false;
    answered.delete(changed);
    status?.removeEventListener('change', changed);
    removeEventListener('focus', changed);
  };
}

export class Notifications {
  readonly #shown = new Map<string, Notification>();
  readonly #open: (note: Note) => void;

  /** `open` is called with what somebody clicked on, in a window that has come to the front. */
  constructor(open: (note: Note) => void) {
    this.#open = open;
  }

  show(note: Note): void {
    if (notificationPermission() !== 'granted') return;
    const { roomId, title, body } = note;
    try {
      // The system makes no sound: that is ours, and rarer. One with the same tag takes its place.
      const shown = new Notification(title, { body, tag: roomId, silent: true, dir: 'auto' });
      this.#shown.set(roomId, shown);
      shown.onclick = () => {
        window.focus();
        shown.close();
        this.#open(note);
      };
    } catch {
      // On phones a page may show none by itself.
    }
  }

  withdraw(roomId: string): void {
    this.#shown.get(roomId)?.close();
    this.#shown.delete(roomId);
  }
}
