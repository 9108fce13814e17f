/** The REST interface for operators, one function per request; only they are answered. */
import type {
  ActPage,
  AdminRoomPage,
  AdminUser,
  AdminUserPage,
  PatchAdminUser,
  SessionList,
  Stats,
} from '../protocol';
import { call, query } from './api';

export const operatorApi = {
  stats: ({ from, to, step }: { from: string; to: string; step: number }) =>
    call<Stats>('GET', `/api/admin/stats?${query({ from, to, step: `${step}` })}`),

  users: (filters: Filters, cursor?: string) =>
    call<AdminUserPage>('GET', `/api/admin/users?${query({ ...filters, cursor })}`),
  changeUser: (userId: string, change: PatchAdminUser) =>
    call<AdminUser>('PATCH', `/api/admin/users/${userId}`, change),
  sessions: (userId: string) => call<SessionList>('GET', `/api/admin/users/${userId}/sessions`),
  endSession: (userId: string, sessionId: string) =>
    call<void>('DELETE', `/api/admin/users/${userId}/sessions/${sessionId}`),
  endSessions: (userId: string) => call<void>('DELETE', `/api/admin/users/${userId}/sessions`),

  rooms: (filters: Filters, cursor?: string) =>
    call<AdminRoomPage>('GET', `/api/admin/rooms?${query({ ...filters, cursor })}`),

  acts: (filters: Filters, before?: string) =>
    call<ActPage>('GET', `/api/admin/audit?${query({ ...filters, before })}`),
};

/** What a list is narrowed by; what is absent narrows nothing. */
export type Filters = Readonly<Record<string, string | undefined>>;
