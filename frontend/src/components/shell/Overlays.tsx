/** What opens over the page, each fetched when the page rests. */
import { useState } from 'react';
import { Later, useMissing, usePart } from '../../hooks/later';
import { useKeysAhead } from '../../hooks/useKeysAhead';
import type { Overlay } from '../../hooks/useShell';
import type { OverlayProps } from '../ui/Modal';

const overlays: Readonly<Record<Overlay, Later<OverlayProps>>> = {
  palette: new Later(() => import('./Palette')),
  help: new Later(() => import('./Help')),
  settings: new Later(() => import('./Settings')),
  createRoom: new Later(() => import('../rooms/CreateRoom')),
  message: new Later(() => import('../rooms/MessageSomeone')),
};

interface Props extends Omit<OverlayProps, 'open' | 'typed'> {
  shown: Overlay | undefined;
}

export function Overlays({ shown, ...rest }: Props) {
  return (Object.keys(overlays) as Overlay[]).map((overlay) => (
    <Part key={overlay} later={overlays[overlay]} open={overlay === shown} {...rest} />
  ));
}

function Part({ later, ...props }: OverlayProps & { later: Later<OverlayProps> }) {
  const [used, setUsed] = useState(false);
  if (props.open && !used) setUsed(true);
  const Shown = usePart(later, used);
  const missing = useMissing(later);
  const typed = useKeysAhead(props.open && !Shown && !missing, props.onClose);
  // Once opened it stays, so that it can be seen to close.
  return used && Shown && <Shown {...props} typed={typed.current} />;
}
