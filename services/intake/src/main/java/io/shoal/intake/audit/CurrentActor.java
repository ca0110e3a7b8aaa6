package io.shoal.intake.audit;

import jakarta.enterprise.context.RequestScoped;

/** The cause of what the current request does; the system, until the request was authenticated. */
@RequestScoped
public class CurrentActor {
    private Actor actor = Actor.SYSTEM;

    public Actor get() {
        return actor;
    }

    public void set(Actor authenticated) {
        actor = authenticated;
    }
}
