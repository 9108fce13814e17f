/**
 * The day of what is read, over the upper edge while one scrolls, and the way
 * to another day. It stays where the keyboard finds it when it is not to be seen.
 */
import { ChevronDown } from 'lucide-react';
import { type FormEvent, type RefObject, useEffect, useState } from 'react';
import { strings } from '../../app/strings';
import { beginningOf, localDay } from '../../chat/days';
import { longDay } from '../../hooks/dates';
import { messageWithoutItsDay } from '../../hooks/rowsInView';
import { useChat } from '../../hooks/useChat';
import { useTask } from '../../hooks/useTask';
import type { Room } from '../../protocol';
import { Button } from '../ui/Button';
import { PopoverButton } from '../ui/PopoverButton';
import styles from './DayAbove.module.css';

const SHOWN_FOR_MS = 1_500;

interface Props {
  room: Room;
  scroller: RefObject<HTMLElement | null>;
  list: RefObject<HTMLElement | null>;
  onJump: (messageId: string) => void;
}

export function DayAbove({ room, scroller, list, onJump }: Props) {
  const chat = useChat();
  const { busy, run } = useTask();
  const [day, setDay] = useState<string>();
  const [scrolling, setScrolling] = useState(false);
  const [open, setOpen] = useState(false);

  useEffect(() => {
    const view = scroller.current;
    if (!view) return;
    let timer: ReturnType<typeof setTimeout>;
    const onScroll = () => {
      const row = list.current && messageWithoutItsDay(list.current, view.getBoundingClientRect());
      const message = row ? chat.timeline(room.id).message(row.dataset.id ?? '') : undefined;
      setDay(message && localDay(new Date(message.createdAt)));
      setScrolling(true);
      clearTimeout(timer);
      timer = setTimeout(() => setScrolling(false), SHOWN_FOR_MS);
    };
    view.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      clearTimeout(timer);
      view.removeEventListener('scroll', onScroll);
    };
  }, [chat, room.id, scroller, list]);

  if (day === undefined && !open) return null;
  const name = longDay(day === undefined ? new Date() : beginningOf(day));

  function go(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const wanted = new FormData(event.currentTarget).get('day');
    if (typeof wanted !== 'string' || wanted === '') return;
    void run(async () => {
      const found = await chat.history.at(room.id, beginningOf(wanted));
      setOpen(false);
      if (found) onJump(found.id);
    });
  }

  return (
    <div className={styles.edge} data-shown={scrolling || open || undefined}>
      <PopoverButton
        label={strings.messages.jumpToDate(name)}
        open={open}
        onOpenChange={setOpen}
        className={styles.day}
        panelClassName={styles.calendar}
        face={
          <>
            {name}
            <ChevronDown size={14} aria-hidden />
          </>
        }
      >
        <form className={styles.form} onSubmit={go}>
          <label className={styles.label}>
            {strings.messages.day}
            <input
              type="date"
              name="day"
              required
              className={styles.field}
              defaultValue={day}
              min={localDay(new Date(room.createdAt))}
              max={localDay(new Date())}
            />
          </label>
          <Button type="submit" disabled={busy}>
            {strings.messages.goToDay}
          </Button>
        </form>
      </PopoverButton>
    </div>
  );
}
