import { useSyncExternalStore } from 'react';
import {
  type NotificationPermission,
  notificationPermission,
  onNotificationPermission,
} from '../services/notifications';

export function useNotificationPermission(): NotificationPermission {
  return useSyncExternalStore(onNotificationPermission, notificationPermission);
}
