extension SchedulingPlan {
    /// This plan without its starts on GPUs, as long as it is not known who is on them.
    ///
    /// What those jobs need is not given to others meanwhile: it would be lost to them when the GPUs have been seen.
    ///
    /// - Parameters:
    ///   - shown: the plan with only the GPUs that jobs hold; it says what these jobs wait for.
    ///   - earlier: what both plans were made with.
    package func withoutGPUStarts(shownAs shown: SchedulingPlan, earlier: Earlier) -> SchedulingPlan {
        let delayed = starts.filter { !$0.gpus.isEmpty }.map(\.id)
        let (isDelayed, isShown) = (Set(delayed), Set(shown.waiting))
        let stillWaits = isDelayed.union(waiting)
        var plan = self
        plan.starts.removeAll { !$0.gpus.isEmpty }
        plan.waiting =
            shown.waiting.filter(stillWaits.contains) + (delayed + waiting).filter { !isShown.contains($0) }
        plan.shortage = shown.shortage
        plan.reserved = earlier.reserved.filter(isDelayed.contains) + reserved
        return plan
    }
}
