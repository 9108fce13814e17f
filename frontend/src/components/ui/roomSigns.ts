/** By which sign a kind of room is known wherever rooms stand among other things. */
import { Hash, Lock, type LucideIcon, MessageCircle } from 'lucide-react';
import type { RoomKind } from '../../protocol';

export const ROOM_SIGNS: Readonly<Record<RoomKind, LucideIcon>> = {
  public: Hash,
  private: Lock,
  direct: MessageCircle,
};
