/**
 * The way to everything: rooms, people and what can be done, by a few letters.
 *
 * The focus stays in the field; the arrow keys move through what it found.
 */
import { Dialog } from '@base-ui/react/dialog';
import { CornerDownLeft, Search, Users, Zap } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { strings } from '../../app/strings';
import { type Offer, offers } from '../../chat/palette';
import { useFocusBack } from '../../hooks/useFocusBack';
import { type PaletteChoice, usePaletteChoices } from '../../hooks/usePaletteChoices';
import { isComposing } from '../messages/composing';
import type { OverlayProps } from '../ui/Modal';
import modal from '../ui/Modal.module.css';
import { ROOM_SIGNS } from '../ui/roomSigns';
import { Keys } from './Keys';
import styles from './Palette.module.css';

export default function Palette({ open, onClose, returnTo, typed = '' }: OverlayProps) {
  const popup = useFocusBack(open, returnTo);
  return (
    <Dialog.Root open={open} onOpenChange={(wanted) => !wanted && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={modal.backdrop} />
        <Dialog.Popup className={styles.popup} data-modal aria-label={strings.palette.label} {...popup}>
          <Finder typed={typed} onClose={onClose} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Finder({ typed, onClose }: { typed: string; onClose: () => void }) {
  const [letters, setLetters] = useState(typed);
  const [place, setPlace] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const found = offers(letters, usePaletteChoices(letters));
  const at = Math.min(place, found.length - 1);

  // At once: who opens it by its keys goes on typing.
  useLayoutEffect(() => field.current?.focus(), []);

  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);

  function choose({ choice }: Offer<PaletteChoice>) {
    onClose();
    choice.run();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (isComposing(event)) return;
    const chosen = found[at];
    const next = placeAfter(event.key, at, found.length);
    if (next !== undefined) setPlace(next);
    else if (event.key === 'Enter' && chosen) choose(chosen);
    else if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) onClose();
    else return;
    event.preventDefault();
  }

  return (
    <>
      <div className={styles.well}>
        <Search size={18} aria-hidden />
        <input
          ref={field}
          className={styles.field}
          role="combobox"
          aria-label={strings.palette.label}
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={found.length > 0 ? `${id}-${at}` : undefined}
          aria-autocomplete="list"
          autoComplete="off"
          spellCheck={false}
          placeholder={strings.palette.hint}
          value={letters}
          onChange={(event) => {
            setLetters(event.target.value);
            setPlace(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div
        ref={list}
        id={`${id}-list`}
        className={styles.list}
        role="listbox"
        aria-label={strings.palette.found}
      >
        {found.map((offer, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field, which has the focus, has the keys.
          <div
            key={offer.choice.id}
            id={`${id}-${index}`}
            className={styles.choice}
            role="option"
            aria-selected={index === at}
            tabIndex={-1}
            onPointerMove={() => setPlace(index)}
            onClick={() => choose(offer)}
          >
            <ChoiceOf offer={offer} chosen={index === at} />
          </div>
        ))}
      </div>
      {found.length === 0 && <p className={styles.nothing}>{strings.palette.nothing(letters.trim())}</p>}
    </>
  );
}

const SIGNS = { ...ROOM_SIGNS, person: Users, command: Zap } as const;

function ChoiceOf({ offer: { choice, at }, chosen }: { offer: Offer<PaletteChoice>; chosen: boolean }) {
  const Sign = SIGNS[choice.sign];
  return (
    <>
      <Sign size={16} aria-hidden />
      <span className={styles.name}>
        <bdi>
          {[...choice.name].map((letter, index) =>
            at.includes(index) ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: a letter is its place.
              <mark key={index} className={styles.meant}>
                {letter}
              </mark>
            ) : (
              letter
            ),
          )}
        </bdi>
      </span>
      {choice.aside && <bdi className={styles.aside}>{choice.aside}</bdi>}
      {choice.keys ? <Keys keys={choice.keys} /> : chosen && <CornerDownLeft size={14} aria-hidden />}
    </>
  );
}

/** Round the ends, since the last is often nearer from the first. */
function placeAfter(key: string, at: number, count: number): number | undefined {
  if (count === 0) return undefined;
  if (key === 'ArrowDown') return (at + 1) % count;
  if (key === 'ArrowUp') return (at + count - 1) % count;
  if (key === 'PageDown') return Math.min(at + 8, count - 1);
  if (key === 'PageUp') return Math.max(at - 8, 0);
  return undefined;
}
