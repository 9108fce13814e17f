/** What the keys of a plot do, for those who point; and which part of the time is seen. */
import { ChevronLeft, ChevronRight, Minus, Plus } from 'lucide-react';
import { useRef } from 'react';
import { operatorStrings } from '../../app/operatorStrings';
import { IconButton } from '../ui/IconButton';
import { spanIn, type View } from './view';
import styles from './ZoomBar.module.css';
import { STEP_ASIDE } from './zoomKeys';

export function ZoomBar({ view }: { view: View }) {
  const { zooming } = view;
  const words = operatorStrings().zoom;
  const plus = useRef<HTMLButtonElement>(null);

  function showAll() {
    // The button goes with what it leaves.
    plus.current?.focus();
    zooming.all();
  }

  return (
    <div className={styles.bar}>
      {zooming.zoom && (
        <>
          <bdi className={styles.span}>{spanIn(view)}</bdi>
          <button type="button" className={styles.all} onClick={showAll}>
            {words.all}
          </button>
        </>
      )}
      {/* Time goes from left to right in all plots. */}
      <fieldset className={styles.keys} dir="ltr">
        <legend className="visually-hidden">{words.title}</legend>
        {zooming.zoom && (
          <IconButton label={words.earlier} onClick={() => zooming.move(-STEP_ASIDE)}>
            <ChevronLeft size={16} aria-hidden />
          </IconButton>
        )}
        <IconButton label={words.further} aria-disabled={!zooming.zoom} onClick={() => zooming.further()}>
          <Minus size={16} aria-hidden />
        </IconButton>
        <IconButton
          ref={plus}
          label={words.closer}
          aria-disabled={zooming.isClosest}
          onClick={() => zooming.closer()}
        >
          <Plus size={16} aria-hidden />
        </IconButton>
        {zooming.zoom && (
          <IconButton label={words.later} onClick={() => zooming.move(STEP_ASIDE)}>
            <ChevronRight size={16} aria-hidden />
          </IconButton>
        )}
      </fieldset>
    </div>
  );
}
