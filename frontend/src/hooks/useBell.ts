/** Rings and notifies while its user looks elsewhere (`hangBell.ts`). */
import { useEffect, useRef } from 'react';
import { useLocation, useRoute } from 'wouter';
import { type HungBell, hangBell } from './hangBell';
import { useChat } from './useChat';

export function useBell(): void {
  const chat = useChat();
  const [, navigate] = useLocation();
  const [, route] = useRoute('/r/:roomId/*?');
  const roomId = route?.roomId;
  const latest = useRef({ roomId, navigate });
  const bell = useRef<HungBell>(undefined);

  useEffect(() => {
    latest.current = { roomId, navigate };
    bell.current?.look();
  }, [roomId, navigate]);

  useEffect(() => {
    const room = () => latest.current.roomId;
    bell.current = hangBell(chat, { room, goTo: (path) => latest.current.navigate(path) });
    return () => {
      bell.current?.takeDown();
      bell.current = undefined;
    };
  }, [chat]);
}
