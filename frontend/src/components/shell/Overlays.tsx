/** What opens over the page. It is fetched while the page rests, and so is there when it is wanted. */
import { type ComponentType, useEffect, useState } from 'react';
import type { Overlay } from '../../hooks/useShell';
import type { OverlayProps } from '../ui/Modal';

const fetching: Readonly<Record<Overlay, () => Promise<{ default: ComponentType<OverlayProps> }>>> = {
  palette: () => import('./Palette'),
  help: () => import('./Help'),
  settings: () => import('./Settings'),
  createRoom: () => import('../rooms/CreateRoom'),
  message: () => import('../rooms/MessageSomeone'),
};

const OVERLAYS = Object.keys(fetching) as Overlay[];

type Fetched = Partial<Record<Overlay, ComponentType<OverlayProps>>>;

interface Props extends Omit<OverlayProps, 'open'> {
  shown: Overlay | undefined;
}

export function Overlays({ shown, ...rest }: Props) {
  const fetched = useFetched(shown);
  const [used, setUsed] = useState<ReadonlySet<Overlay>>(new Set());
  if (shown && !used.has(shown)) setUsed(new Set(used).add(shown));

  // Once opened it stays, so that it can be seen to close.
  return OVERLAYS.filter((overlay) => used.has(overlay)).map((overlay) => {
    const Shown = fetched[overlay];
    return Shown && <Shown key={overlay} open={overlay === shown} {...rest} />;
  });
}

/** What has come is shown in the same moment; React's own `lazy` would let the first keys go astray. */
function useFetched(shown: Overlay | undefined): Fetched {
  const [fetched, setFetched] = useState<Fetched>({});

  useEffect(() => {
    const fetch = (overlay: Overlay) =>
      fetching[overlay]().then(
        (module) => setFetched((known) => (known[overlay] ? known : { ...known, [overlay]: module.default })),
        // What did not come is asked for again when it is opened.
        () => undefined,
      );
    if (shown) {
      void fetch(shown);
      return;
    }
    // Safari has no idle time to offer; then each is fetched when it is opened.
    if (!('requestIdleCallback' in window)) return;
    const idle = requestIdleCallback(() => void Promise.all(OVERLAYS.map(fetch)));
    return () => cancelIdleCallback(idle);
  }, [shown]);

  return fetched;
}
