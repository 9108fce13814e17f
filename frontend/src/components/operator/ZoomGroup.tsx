/** A plot without a point to move: its keys lead closer, further and aside. */
import type { KeyboardEvent, ReactNode } from 'react';
import { operatorStrings } from '../../app/operatorStrings';
import styles from './Plots.module.css';
import type { View } from './view';
import { zoomedBy } from './zoomKeys';

interface Props {
  view: View;
  title: string;
  children: ReactNode;
}

export function ZoomGroup({ view, title, children }: Props) {
  function onKeyDown(event: KeyboardEvent) {
    if (zoomedBy(event, view.zooming)) event.preventDefault();
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms.
    <div
      role="group"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it has keys.
      tabIndex={0}
      className={styles.zoomable}
      aria-label={operatorStrings().zoomPlot(title)}
      onKeyDown={onKeyDown}
    >
      {children}
    </div>
  );
}
