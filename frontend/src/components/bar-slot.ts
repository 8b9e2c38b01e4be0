import { createContext } from "react";

/** The place in the bar at the top that belongs to the page on the screen. */
export const BarSlot = createContext<HTMLElement | null>(null);
